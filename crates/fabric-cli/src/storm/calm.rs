//! Without faults: the product itself, and the comparison, are right.

use fabric_deploy::report::Status;

use super::deployment::{self, Deployment};
use super::product::{self, Version};
use super::truth::World;

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
