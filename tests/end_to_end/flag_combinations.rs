//! Every combination of the five feature flags on the example: each deploys it, and each flag shows by itself.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;

use fabric_emulator::{Fault, FaultKind, FaultMatch, SERVICE_PRINCIPAL_SECRET, Service, StatusFault};
use serde_json::{Value, json};

use crate::binary::{self, Run};
use crate::flags::ALL as FEATURES;
use crate::secrets::configuration::example_with_parameters;
use crate::secrets::{PASSWORD, Tenant};
use crate::sources;

const COMBINATIONS: u8 = 1 << FEATURES.len();
/// What the environment has for the secret that the vault has as well.
const OF_THE_ENVIRONMENT: &str = "canary-of-the-environment-b61c";

/// One combination: a bit for each feature, in the order above.
#[derive(Clone, Copy)]
struct Combination(u8);

impl Combination {
    fn is_on(self, feature: &str) -> bool {
        let place = FEATURES.iter().position(|other| *other == feature).unwrap();
        self.0 >> place & 1 == 1
    }

    fn arguments(self) -> Vec<String> {
        let values = FEATURES.iter().map(|feature| (feature, if self.is_on(feature) { "on" } else { "off" }));
        values.flat_map(|(feature, value)| ["--flag".to_owned(), format!("{feature}={value}")]).collect()
    }

    /// The flags as a result document tells them.
    fn document(self) -> Value {
        FEATURES.iter().map(|feature| ((*feature).to_owned(), json!(self.is_on(feature)))).collect()
    }
}

fn unavailable(matching: FaultMatch) -> Vec<Fault> {
    let status = StatusFault { code: 503, applied: false, error_code: None, retry_after: None };
    vec![Fault { matching, kind: FaultKind::Status(status) }]
}

/// Deploys the example to an environment: every variable that a feature needs is there whether it is on or off.
fn deploy(tenant: &Tenant, combination: Combination, environment: &str, more: &[&str]) -> Run {
    let config = ["deploy", "--config", "product/product_config.yaml", "--environment", environment];
    let arguments = ["--output", "json", "--settle", "100ms"].iter().chain(&config).chain(more).copied();
    let ingestion = tenant.stage.emulator.endpoint_of(Service::ApplicationInsights).unwrap();
    let connection = format!("InstrumentationKey=11111111-2222-4333-8444-555555555555;IngestionEndpoint={ingestion}/");
    let mut command = tenant.command(&arguments.collect::<Vec<_>>());
    command.args(combination.arguments()).env("AZURE_CLIENT_SECRET", SERVICE_PRINCIPAL_SECRET);
    command.env("SALES_DB_PASSWORD", OF_THE_ENVIRONMENT);
    binary::run(command.env("APPLICATIONINSIGHTS_CONNECTION_STRING", connection))
}

fn count(tenant: &Tenant, operation: &str) -> usize {
    tenant.stage.emulator.requests().iter().filter(|sent| sent.operation.as_deref() == Some(operation)).count()
}

/// A read that fails once: with retries it is sent again, without them the deployment ends before it began.
fn survives_a_read_that_fails_in_passing(tenant: &Tenant, combination: Combination) -> Value {
    let lists = FaultMatch { operation: Some("ListWorkspaces".to_owned()), nth: Some(1), ..FaultMatch::default() };
    tenant.stage.emulator.set_faults(unavailable(lists));
    let first = deploy(tenant, combination, "dev", &[]);
    if combination.is_on("FEATURE_USE_RETRY_LOGIC") {
        assert!(count(tenant, "ListWorkspaces") >= 2);
        return first.exits(0).document();
    }
    first.exits(1);
    assert_eq!(count(tenant, "ListWorkspaces"), 1, "the failure is final");
    assert_eq!(count(tenant, "CreateWorkspace"), 0);
    deploy(tenant, combination, "dev", &[]).exits(0).document()
}

fn is_as_described(tenant: &Tenant, combination: Combination, document: &Value) {
    assert_eq!((&document["status"], &document["summary"]["create"]), (&json!("committed"), &json!(12)), "{document}");
    assert_eq!(document["flags"], combination.document());
    let world = tenant.stage.emulator.world();
    let types: Vec<_> = world["items"].as_array().unwrap().iter().map(|item| item["type"].as_str().unwrap()).collect();
    let of = |item_type: &str| types.iter().filter(|found| **found == item_type).count();
    assert_eq!((of("Lakehouse"), of("Notebook"), of("SemanticModel"), of("Report")), (3, 4, 1, 1), "{types:?}");
}

fn each_flag_shows(tenant: &Tenant, combination: Combination, document: &Value) {
    let from_vault = combination.is_on("FEATURE_USE_KEY_VAULT");
    assert_eq!(tenant.asked(Service::KeyVault) > 0, from_vault, "the vault is asked");
    let (expected, other) = if from_vault { (PASSWORD, OF_THE_ENVIRONMENT) } else { (OF_THE_ENVIRONMENT, PASSWORD) };
    let definitions = tenant.definitions();
    assert!(definitions.contains(&format!("connect('pw={expected};')")) && !definitions.contains(other));

    let on_record = combination.is_on("FEATURE_USE_ROLLBACK");
    assert_eq!(document["transaction_id"].is_string(), on_record, "{document}");
    assert_eq!(tenant.stage.directory.path().join(".fabric/state").exists(), on_record, "a journal is kept");

    let names = tenant.stage.emulator.telemetry();
    let events: BTreeSet<_> = names.iter().filter_map(|item| item["data"]["baseData"]["name"].as_str()).collect();
    let told = combination.is_on("FEATURE_USE_TELEMETRY");
    assert_eq!((names.is_empty(), events.contains("deployment.finished")), (!told, told), "{events:?}");
}

/// Eight notebooks more, and nobody answers for items: with a breaker the calls after the fifth failure are not sent, and
/// the report says so; with roll-back on nothing is left, or what may be left is told.
fn ends_well_in_an_outage(tenant: &Tenant, combination: Combination) {
    for number in 30..38 {
        let root = tenant.stage.directory.path().join("product/workspace");
        sources::notebook(&root, &format!("{number}_Outage_Notebook"), number, "print(1)");
    }
    let of = |operation: &str| FaultMatch { operation: Some(operation.to_owned()), ..FaultMatch::default() };
    // The first list is what the plan is made from.
    let lists = FaultMatch { nth: Some(2), times: Some(10), ..of("ListItems") };
    tenant.stage.emulator.set_faults([unavailable(of("CreateItem")), unavailable(lists)].concat());
    let failed = deploy(tenant, combination, "dev", &["--max-attempts", "1", "--concurrency", "1"]);
    let expected: &[i32] = if combination.is_on("FEATURE_USE_ROLLBACK") { &[5, 6] } else { &[1] };
    assert!(expected.contains(&failed.code), "{}: {}", failed.code, failed.stderr);
    let failed = failed.document();
    if combination.is_on("FEATURE_USE_ROLLBACK") {
        assert_eq!(failed["left_behind"] == json!([]), failed["status"] == "rolled_back", "{failed}");
    }
    let steps = failed["steps"].as_array().unwrap();
    let failures: Vec<_> = steps.iter().filter_map(|step| step["error"]["message"].as_str()).collect();
    let refused = failures.iter().any(|failure| failure.contains("the circuit breaker for"));
    assert_eq!(refused, combination.is_on("FEATURE_USE_CIRCUIT_BREAKER"), "{failures:#?}");
}

#[test]
fn every_combination_deploys_the_example_and_each_flag_shows_in_it() {
    let next = AtomicU8::new(0);
    let work = || {
        loop {
            let combination = next.fetch_add(1, Ordering::Relaxed);
            // The last ones wait longest: the breaker stays open for a minute.
            let Some(combination) = COMBINATIONS.checked_sub(combination + 1).map(Combination) else { break };
            eprintln!("{}", combination.document());
            let tenant = Tenant::new(None);
            example_with_parameters(&tenant.stage.directory.path().join("product"));
            let document = survives_a_read_that_fails_in_passing(&tenant, combination);
            is_as_described(&tenant, combination, &document);
            each_flag_shows(&tenant, combination, &document);
            ends_well_in_an_outage(&tenant, combination);
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..12).map(|_| scope.spawn(work)).collect();
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
    assert!(next.into_inner() >= COMBINATIONS);
}
