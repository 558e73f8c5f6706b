//! An outage in the middle of a deployment, with the circuit breaker and every setting of the command line as it is
//! where the user says nothing.

use std::time::Duration;

use fabric_deploy::report::Status;
use fabric_emulator::{Fault, FaultKind, FaultMatch, StatusFault};
use tokio::time::{Instant, sleep};

use super::deployment::{self, DEFAULTS, Deployment};
use super::product::Version;
use super::transport::Sent;
use super::truth::World;

const BOTH: [&str; 2] = ["FEATURE_USE_RETRY_LOGIC=on", "FEATURE_USE_CIRCUIT_BREAKER=on"];

fn down(kind: FaultKind) -> Vec<Fault> {
    vec![Fault { matching: FaultMatch::default(), kind }]
}

/// The requests that reached the service while it was down, and the report's verdict.
async fn survive(kind: FaultKind, outage: Duration) -> (Vec<Sent>, Instant) {
    let deployment = Deployment::with(&BOTH, DEFAULTS).await;
    deployment.emulator().configure(|settings| {
        settings.throttle_budget = None;
        settings.latency = Duration::from_millis(700);
    });
    let began = Instant::now();
    let weather = async {
        sleep(Duration::from_secs(4)).await;
        deployment.emulator().set_faults(down(kind));
        let down_at = Instant::now();
        sleep(outage).await;
        deployment.emulator().set_faults(Vec::new());
        down_at
    };
    let (report, down_at) = tokio::join!(deployment.run(Version::New), weather);
    let report = report.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(report.status, Status::Committed, "{}", deployment::describe(&report));
    World::of(deployment.emulator()).is_exactly(Version::New).unwrap();
    assert!(began.elapsed() < outage + Duration::from_secs(400), "{:?}", began.elapsed());
    let during =
        deployment.transport().sent().into_iter().filter(|sent| sent.at >= down_at && sent.at < down_at + outage);
    (during.collect(), down_at)
}

fn unavailable() -> FaultKind {
    FaultKind::Status(StatusFault { code: 503, applied: false, error_code: None, retry_after: None })
}

#[tokio::test(start_paused = true)]
async fn an_outage_lets_only_probes_through_and_loses_nothing() {
    for kind in [unavailable(), FaultKind::Reset] {
        for seconds in [30, 90] {
            let (during, down_at) = survive(kind.clone(), Duration::from_secs(seconds)).await;
            // What was under way when the breaker opened is answered; a second later nobody sends but the probes.
            let probes = during.iter().filter(|sent| sent.at > down_at + Duration::from_secs(1)).count();
            assert!(probes <= 2 * 3, "{probes} requests reached a service that was down for {seconds} s");
            assert!(during.len() <= 64 + 6, "{} requests in all", during.len());
        }
    }
}
