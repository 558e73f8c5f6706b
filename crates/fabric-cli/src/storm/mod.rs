//! Deployments in bad weather: the layers as the command line composes them, two hundred items, a service that fails in
//! every way it can, and an hour of it in a second of virtual time.
//!
//! `FABRIC_STORM_SEEDS=100 cargo test -p fabric-cli storm` runs a hundred storms instead of a few.

#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests")]

mod breakage;
mod calm;
mod deployment;
mod outage;
mod product;
mod rollback;
mod transport;
mod truth;
mod weather;

use fabric_deploy::report::{Status, StepReport, StepStatus};

use crate::exit::Exit;
use deployment::Deployment;
use product::Version;
use truth::World;

/// Storms in a run that does not say how many.
const SEEDS: u64 = 4;

fn seeds() -> impl Iterator<Item = u64> {
    let count = std::env::var("FABRIC_STORM_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
    let first = std::env::var("FABRIC_STORM_FIRST").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    first..first + count
}

/// Runs one seed after the other and says all that went wrong.
fn each_seed<F: Future<Output = Result<(), String>>>(storm: impl Fn(u64) -> F) {
    let mut wrong = Vec::new();
    for seed in seeds() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        if let Err(reason) = runtime.block_on(storm(seed)) {
            eprintln!("seed {seed}: {}", reason.chars().take(4_000).collect::<String>());
            wrong.push(seed);
        }
    }
    assert!(wrong.is_empty(), "storms that ended badly: {wrong:?}");
}

#[test]
fn every_storm_ends_with_exactly_the_desired_state() {
    each_seed(|seed| async move {
        let deployment = Deployment::hardened().await;
        if seed % 2 == 0 {
            deployment.in_calm(Version::Old).await;
        }
        deployment.emulator().set_faults(weather::storm(seed));
        let report = deployment.run(Version::New).await.map_err(|error| error.to_string())?;
        if report.status != Status::Committed {
            return Err(deployment::describe(&report));
        }
        World::of(deployment.emulator()).is_exactly(Version::New)?;
        deployment.transport().kept_every_window()
    });
}

#[test]
fn without_the_features_a_storm_fails_cleanly() {
    each_seed(|seed| async move {
        let deployment = Deployment::plain().await;
        let desired = product::desired(Version::New);
        let (actual, plan) = deployment.plan(&desired).await.map_err(|error| error.to_string())?;
        deployment.emulator().set_faults(weather::storm(seed));
        let report = deployment.apply(&desired, actual, &plan).await;
        deployment.emulator().set_faults(Vec::new());
        if report.status != Status::Failed {
            return Err(format!("{:?}", report.status));
        }
        let failed: Vec<_> = report.steps.iter().filter(|step| step.status == StepStatus::Failed).collect();
        if failed.is_empty() || failed.iter().any(|step| step.error.is_none()) {
            return Err("a failure is not explained".to_owned());
        }
        let is_throttle = |step: &&StepReport| step.error.as_ref().is_some_and(|error| error.http_status == Some(429));
        let changed = report.steps.iter().any(|step| step.status == StepStatus::Applied);
        let only_time = failed.iter().all(is_throttle) && !changed;
        let expected = if only_time { Exit::TryLater } else { Exit::Failed };
        if Exit::of_report(&report) != expected {
            return Err(format!("exit {:?} instead of {expected:?}", Exit::of_report(&report)));
        }
        deployment::settle().await;
        World::of(deployment.emulator()).is_what_it_says(&report, &plan)
    });
}

#[test]
fn without_the_features_a_storm_while_reading_is_one_error() {
    each_seed(|seed| async move {
        let deployment = Deployment::plain().await;
        deployment.in_calm(Version::Old).await;
        let before = deployment.emulator().world();
        deployment.emulator().set_faults(weather::always(seed));
        let failure = deployment.plan(&product::desired(Version::New)).await.err().ok_or("reading did not fail")?;
        if !matches!(failure.exit(), Exit::Failed | Exit::TryLater) {
            return Err(format!("{failure} exits with {:?}", failure.exit()));
        }
        (before["items"] == deployment.emulator().world()["items"]).then_some(()).ok_or("something changed".to_owned())
    });
}
