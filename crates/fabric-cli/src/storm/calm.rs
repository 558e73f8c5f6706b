//! Without faults: the product itself, and the comparison, are right.

use fabric_deploy::report::Status;

use super::deployment::{self, DEFAULTS, Deployment};
use super::product::{self, Version};
use super::truth::World;
use crate::layers::CallSettings;

#[tokio::test(start_paused = true)]
async fn the_product_has_two_hundred_items_and_is_deployed_as_described() {
    assert_eq!(product::items(Version::New).len(), 200);
    let deployment = Deployment::plain().await;
    deployment.in_calm(Version::Old).await;
    assert!(World::of(deployment.emulator()).is_exactly(Version::New).is_err());
    deployment.in_calm(Version::New).await;
    World::of(deployment.emulator()).is_exactly(Version::New).unwrap();
    let again = deployment.plan(&product::desired(Version::New)).await.unwrap().1;
    assert!(again.is_empty(), "{:?}", again.steps.iter().map(|step| &step.id).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn windows_of_the_throttle_alone_delay_and_lose_nothing() {
    let deployment = Deployment::hardened().await;
    let report = deployment.run(Version::New).await.unwrap();
    assert_eq!(report.status, Status::Committed, "{}", deployment::describe(&report));
    World::of(deployment.emulator()).is_exactly(Version::New).unwrap();
    let sent = deployment.transport().sent();
    assert!(sent.iter().any(|sent| sent.status == Some(429)), "the throttle is never met");
    deployment.transport().kept_every_window().unwrap();
}

#[tokio::test(start_paused = true)]
async fn no_more_requests_are_under_way_than_asked_for() {
    for flags in [&[][..], &["FEATURE_USE_RETRY_LOGIC=on"]] {
        let deployment = Deployment::with(flags, CallSettings { concurrency: 3, ..DEFAULTS }).await;
        deployment.emulator().configure(|settings| settings.throttle_budget = None);
        let report = deployment.run(Version::New).await.unwrap();
        assert_eq!(report.status, Status::Committed, "{}", deployment::describe(&report));
        let sent = deployment.transport().sent();
        let most =
            sent.iter().map(|one| sent.iter().filter(|other| other.at <= one.at && one.at < other.answered).count());
        assert_eq!(most.max(), Some(3));
    }
}
