//! Storms with `FEATURE_USE_ROLLBACK`: all of the deployment, or exactly what was there before.

use fabric_deploy::report::Status;
use fabric_emulator::{Fault, FaultKind, FaultMatch, StatusFault};

use super::deployment::{self, Deployment};
use super::product::Version;
use super::truth::World;
use super::{each_seed, weather};

#[test]
fn a_transaction_in_a_storm_is_committed_whole() {
    each_seed(|seed| async move {
        let deployment = Deployment::hardened().await;
        if seed % 2 == 0 {
            deployment.in_calm(Version::Old).await;
        }
        deployment.emulator().set_faults(weather::storm(seed));
        let report = deployment.run_as_transaction(Version::New).await.map_err(|error| error.to_string())?;
        if report.status != Status::Committed {
            return Err(deployment::describe(&report));
        }
        World::of(deployment.emulator()).is_exactly(Version::New)
    });
}

#[test]
fn a_transaction_that_fails_in_a_storm_leaves_exactly_what_was_there() {
    each_seed(|seed| async move {
        let deployment = Deployment::hardened().await;
        deployment.in_calm(Version::Old).await;
        let refused = FaultMatch {
            operation: Some("UpdateItemDefinition".to_owned()),
            nth: Some(20),
            times: Some(1),
            ..FaultMatch::default()
        };
        let kind = FaultKind::Status(StatusFault {
            code: 400,
            applied: false,
            error_code: Some("InvalidDefinitionParts".to_owned()),
            retry_after: None,
        });
        let mut faults = vec![Fault { matching: refused, kind }];
        faults.extend(weather::storm(seed));
        deployment.emulator().set_faults(faults);
        let report = deployment.run_as_transaction(Version::New).await.map_err(|error| error.to_string())?;
        let requests = deployment.emulator().requests();
        let refused = requests.iter().find(|request| request.error_code.as_deref() == Some("InvalidDefinitionParts"));
        let refused = refused.ok_or("no update was refused")?;
        let is_sent_again = requests.iter().any(|sent| sent.sequence < refused.sequence && sent.path == refused.path);
        match report.status {
            Status::RolledBack => World::of(deployment.emulator()).is_exactly(Version::Old),
            // The update was carried out before its answer was lost, so that nothing has failed.
            Status::Committed if is_sent_again => World::of(deployment.emulator()).is_exactly(Version::New),
            _ => Err(deployment::describe(&report)),
        }
    });
}

/// The layers send an update again whose answer was lost. That the second one is refused says nothing about the first,
/// which is looked up.
#[tokio::test(start_paused = true)]
async fn an_update_that_was_lost_and_then_refused_is_found_done() {
    let deployment = Deployment::hardened().await;
    deployment.in_calm(Version::Old).await;
    let kind = FaultKind::Status(StatusFault {
        code: 403,
        applied: false,
        error_code: Some("InsufficientPrivileges".to_owned()),
        retry_after: None,
    });
    let faults = [FaultKind::AppliedThenLost, kind].into_iter().zip(1..).map(|(kind, nth)| Fault {
        matching: FaultMatch { operation: Some("UpdateWorkspace".to_owned()), nth: Some(nth), ..FaultMatch::default() },
        kind,
    });
    deployment.emulator().set_faults(faults.collect());
    let report = deployment.run_as_transaction(Version::New).await.unwrap();
    assert_eq!(report.status, Status::Committed, "{}", deployment::describe(&report));
    World::of(deployment.emulator()).is_exactly(Version::New).unwrap();
}
