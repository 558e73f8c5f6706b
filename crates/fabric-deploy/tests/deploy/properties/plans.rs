//! Plans come in an order that their references allow, and after they were carried out there is nothing to plan.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::time::OffsetDateTime;
use bytes::Bytes;
use fabric_client::{Client, Endpoint};
use fabric_deploy::actual::{self, ActualState, ReadOptions};
use fabric_deploy::content::{Reference, WorkspaceRef};
use fabric_deploy::desired::DesiredState;
use fabric_deploy::execute::{self, ExecuteOptions, Execution, Stop, Unobserved, Verification};
use fabric_deploy::plan::{self, Change, Plan, PlanOptions};
use fabric_deploy::report::Status;
use fabric_emulator::Emulator;
use http::Extensions;
use proptest::prelude::*;
use reqwest::{Body, Request, Response};
use reqwest_middleware::{ClientBuilder, Error, Middleware, Next};

use super::states::{described, items};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn steps_come_in_a_topological_order_of_the_references(written in items()) {
        let desired = described(&written);
        let plan = plan::build(&desired, &ActualState::default(), PlanOptions::default()).unwrap();
        for (position, step) in plan.steps.iter().enumerate() {
            prop_assert!(step.after.iter().all(|before| *before < position), "{} comes too early", step.id);
        }
        let created = |key| {
            let is_it = |change: &Change| matches!(change, Change::CreateItem { key: created, .. } if created == key);
            plan.steps.iter().position(|step| is_it(&step.change)).unwrap()
        };
        for item in desired.items.values() {
            let position = created(&item.key);
            let before = all_before(&plan, position);
            for reference in item.contents().flat_map(|(content, _)| content.references()) {
                let Reference::Item { workspace: WorkspaceRef::Target, key, .. } = reference else { continue };
                prop_assert!(before.contains(&created(key)), "{} does not wait for {key}", item.key);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_plan_of_a_deployed_state_is_empty(written in items()) {
        let desired = Arc::new(described(&written));
        let left = run(deployed_and_planned_again(&desired));
        prop_assert_eq!(left, Vec::<String>::new());
    }
}

/// The steps that a step waits for, directly or not.
fn all_before(plan: &Plan, position: usize) -> BTreeSet<usize> {
    let mut before = BTreeSet::new();
    let mut open = plan.steps[position].after.clone();
    while let Some(next) = open.pop() {
        if before.insert(next) {
            open.extend(&plan.steps[next].after);
        }
    }
    before
}

/// The steps of a second plan, after the first one was carried out.
async fn deployed_and_planned_again(desired: &Arc<DesiredState>) -> Vec<String> {
    let emulator = Emulator::builder().tokio_time().operation_duration(Duration::from_secs(2)).start().await.unwrap();
    let client = client(&Arc::new(emulator));
    let (actual, plan) = planned(&client, desired).await;
    assert_eq!(
        plan.steps.iter().filter(|step| matches!(step.change, Change::CreateItem { .. })).count(),
        desired.items.len()
    );
    let execution = Execution {
        limits: ExecuteOptions::default(),
        verification: Verification::Definitions,
        observer: &Unobserved,
        stop: &Stop::new(),
    };
    let report = execute::execute(&client, desired, &actual, &plan, execution).await;
    assert_eq!(report.status, Status::Committed, "{report:?}");
    let (_, again) = planned(&client, desired).await;
    assert_eq!(again.is_empty(), again.steps.is_empty());
    again.steps.iter().map(|step| format!("{:?}", step.change)).collect()
}

async fn planned(client: &Client, desired: &Arc<DesiredState>) -> (Arc<ActualState>, Plan) {
    let actual = actual::read(client, &desired.workspace.selector, desired, ReadOptions::default()).await.unwrap();
    let plan = plan::build(desired, &actual, PlanOptions::default()).unwrap();
    (Arc::new(actual), plan)
}

/// In a time that stands still while anybody works.
fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(test)
}

/// Requests go to the emulator in this process.
struct Wire(Arc<Emulator>);

#[async_trait::async_trait]
impl Middleware for Wire {
    async fn handle(&self, request: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response, Error> {
        let mut wired = http::Request::builder().method(request.method()).uri(request.url().as_str());
        if let Some(headers) = wired.headers_mut() {
            headers.clone_from(request.headers());
        }
        let body = request.body().and_then(Body::as_bytes).map(Bytes::copy_from_slice).unwrap_or_default();
        match self.0.exchange(wired.body(body).unwrap()).await {
            Ok(answer) => Ok(answer.map(Body::from).into()),
            Err(broken) => panic!("{broken:?}"),
        }
    }
}

#[derive(Debug)]
struct Token(String);

#[async_trait::async_trait]
impl TokenCredential for Token {
    async fn get_token(&self, _: &[&str], _: Option<TokenRequestOptions<'_>>) -> azure_core::Result<AccessToken> {
        Ok(AccessToken::new(self.0.clone(), OffsetDateTime::now_utc() + Duration::from_secs(3_600)))
    }
}

fn client(emulator: &Arc<Emulator>) -> Client {
    let http = ClientBuilder::new(reqwest::Client::new()).with(Wire(Arc::clone(emulator))).build();
    Client::builder(http, Arc::new(Token(emulator.token())))
        .endpoint(Endpoint::parse(&emulator.endpoint()).unwrap())
        .build()
}
