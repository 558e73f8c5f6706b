//! The shortest time any client could need: what must follow each other, with everything else in parallel.

use super::case::Case;
use super::options::Profile;
use super::report::What;

/// Requests and long-running operations of which each must wait for the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Chain {
    requests: u32,
    operations: u32,
}

/// In seconds.
pub(crate) fn seconds(case: Case, what: What, profile: Profile) -> f64 {
    let chain = chain(case, what, profile.always);
    f64::from(chain.requests * profile.latency + chain.operations * profile.operation) / 1_000.0
}

fn chain(case: Case, what: What, always_long_running: bool) -> Chain {
    // The workspace and its items are read side by side: the workspace's id is known.
    let look = Chain { requests: 1, operations: 0 };
    // A request that starts an operation, the poll that sees its end, and the request for its result.
    let long_running = Chain { requests: 3, operations: 1 };
    // A request that is answered with the thing itself.
    let immediate = Chain { requests: 1, operations: 0 };
    match (what, case) {
        // Create the notebooks, then list what is there.
        (What::Create, Case::Notebooks(_)) => sum(&[look, long_running, immediate]),
        // A pipeline names the ids of its notebooks, so it comes after them.
        (What::Create, Case::Mixed) => {
            sum(&[look, long_running, if always_long_running { long_running } else { immediate }, immediate])
        }
        // Export all definitions at once, then send the new ones, and list what is there.
        (What::Update, _) => sum(&[look, long_running, Chain { requests: 2, operations: 1 }, immediate]),
        // Export all definitions at once.
        (What::Again, _) => sum(&[look, long_running]),
    }
}

fn sum(chains: &[Chain]) -> Chain {
    Chain {
        requests: chains.iter().map(|chain| chain.requests).sum(),
        operations: chains.iter().map(|chain| chain.operations).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_costs_its_requests_and_operations() {
        let profile = Profile { latency: 100, operation: 2_000, always: false };
        let create = seconds(Case::Notebooks(50), What::Create, profile);
        let mixed = seconds(Case::Mixed, What::Create, profile);
        let again = seconds(Case::Mixed, What::Again, profile);
        let slow = seconds(Case::Mixed, What::Create, Profile { always: true, ..profile });
        let update = seconds(Case::Mixed, What::Update, profile);
        assert!((update - 4.7).abs() < 1e-9);
        assert!((slow - 4.8).abs() < 1e-9);
        assert!((create - 2.5).abs() < 1e-9 && (mixed - 2.6).abs() < 1e-9 && (again - 2.4).abs() < 1e-9);
    }
}
