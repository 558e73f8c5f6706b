//! Whether transactions can be recorded, and whether one is under way or was left.

use fabric_deploy::desired::WorkspaceSelector;
use fabric_deploy::report;
use fabric_flags::Feature;

use super::{Finding, Surroundings};
use crate::failure::Failure;
use crate::ledger::{self, Ledger};

/// The one key that a check writes, again and again.
const PROBE: &str = "health/probe";

pub(super) async fn check(surroundings: &Surroundings<'_>) -> Result<Finding, Finding> {
    if !surroundings.context.flags.is_on(Feature::Rollback) {
        return Ok(Finding::disabled("FEATURE_USE_ROLLBACK is off: nothing is recorded"));
    }
    let ledger = Ledger::open(surroundings.context).map_err(|failure| unusable(&failure))?;
    let holder = ledger.holder().as_bytes();
    let written = async {
        ledger.store.replace(PROBE, holder).await?;
        ledger.store.get(PROBE).await
    }
    .await;
    let kept = written.map_err(|error| unusable(&fabric_txn::Error::from(error).into()))?;
    if kept.as_deref() != Some(holder) {
        // Somebody else may have checked at the same time; then it is theirs, and whole.
        let theirs = kept.is_some_and(|kept| kept.starts_with(b"fabric-cli "));
        if !theirs {
            return Err(Finding::unhealthy(
                "what is written to the state cannot be read again",
                "check the store behind --state",
            ));
        }
    }
    let Some(target) = surroundings.target else {
        return Ok(Finding::healthy("writable; no workspace was named whose lock could be looked at"));
    };
    let name = match &target.workspace {
        WorkspaceSelector::Name(name) => name.clone(),
        WorkspaceSelector::Id(_) => match surroundings.workspace(target).await? {
            Some(workspace) => workspace.display_name.clone(),
            None => return Ok(Finding::healthy("writable; the workspace is not there, so that nobody deploys to it")),
        },
    };
    let endpoint = fabric_client::Endpoint::parse(&surroundings.place.endpoint);
    let endpoint = endpoint.map_err(|error| unusable(&crate::connect::ConnectError::Endpoint(error).into()))?;
    let scope = ledger::scope_of(&endpoint, &name);
    if let Some(held) = ledger.held(&scope).await.map_err(|failure| unusable(&failure))? {
        let seconds = held.remaining_ms.div_ceil(1000);
        let detail = format!("writable; {name} is locked by {} for up to {seconds} s more", held.holder);
        let advice =
            "a deployment has to wait until that one has ended; if its machine is gone, the lock ends by itself";
        return Ok(Finding::degraded(detail, advice));
    }
    let unfinished = fabric_txn::unfinished(&*ledger.store, &scope).await;
    match unfinished.map_err(|error| unusable(&error.into()))? {
        Some(state) => {
            let failure = Failure::unfinished(&state);
            Err(Finding::unhealthy(format!("writable; {failure}"), failure.remedy().unwrap_or_default()))
        }
        None => Ok(Finding::healthy(format!("writable; nobody deploys to {name}, and nothing is unfinished"))),
    }
}

fn unusable(failure: &Failure) -> Finding {
    let advice = failure.remedy().unwrap_or_else(|| {
        "give this process a place that it may write, with --state or FABRIC_STATE, and what the store's own variables ask for"
            .to_owned()
    });
    Finding::unhealthy(report::error_text(failure), advice)
}
