//! The scenarios that the Python code base came with, with every feature off, as they were run there.
//!
//! | scenario | tested by |
//! |---|---|
//! | automated deployment | [`automated_deployment`] here; with Git, [`crate::git_deployment`]; rolled back, [`crate::rollback`] |
//! | feature-branch workflow | [`crate::git`]: a workspace for a branch comes and goes |
//! | config-driven workspace | [`config_driven_workspace`] |
//! | domain workspace | [`domain_workspace`] |
//! | comprehensive demo: folders and items in their places | [`comprehensive_demo`]; [`crate::example`] with definitions |
//!
//! The two set-up scenarios are the automated deployment with other names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::binary::{self, ACTIVE_CAPACITY, Stage, fabric_cli};
use crate::example::copy_example;
use crate::sources;

const OWNER: &str = "a0000000-0000-4000-8000-000000000002";

/// The project files of the example, with another product.
fn product(name: &str, text: &str, folders: &str) -> Stage {
    let stage = Stage::new();
    let root = stage.directory.path();
    copy_example(root);
    fs::remove_dir_all(root.join("workspace")).unwrap();
    fs::remove_dir_all(root.join("config/principals")).unwrap();
    let environments: String = ["dev", "test", "prod"]
        .map(|environment| format!("  {environment}:\n    capacity_id: \"{ACTIVE_CAPACITY}\"\n{folders}"))
        .concat();
    let config = format!("product:\n  name: \"{name}\"\nenvironments:\n{environments}{text}audit:\n  enabled: true\n");
    fs::write(root.join("product_config.yaml"), config).unwrap();
    stage
}

fn principals(root: &Path, product: &str, environment: &str, lines: &str) {
    let folder = root.join("config/principals");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{product}_{environment}_principals.txt")), lines).unwrap();
}

fn deploy(stage: &Stage, environment: &str) -> Value {
    let arguments = ["--output", "json", "deploy", "--config", "product_config.yaml", "--environment", environment];
    let mut command = fabric_cli(stage.directory.path());
    command.args(arguments).env("DATA_OWNER_EMAIL", "owner@contoso.example");
    command.env("FABRIC_ENDPOINT", stage.emulator.endpoint()).env("FABRIC_TOKEN", stage.emulator.token());
    binary::run(&mut command).exits(0).document()
}

/// The names of everything of a kind that is in the workspace of this name.
fn named(stage: &Stage, workspace: &str, kind: &str) -> BTreeSet<String> {
    let workspaces = stage.list("/v1/workspaces");
    let found = workspaces.iter().find(|found| found["displayName"] == workspace);
    let found = found.unwrap_or_else(|| panic!("{workspace} in {workspaces:?}"));
    let listed = stage.list(&format!("/v1/workspaces/{}/{kind}", found["id"].as_str().unwrap()));
    listed.iter().map(|found| found["displayName"].as_str().unwrap_or_default().to_owned()).collect()
}

fn roles(stage: &Stage, document: &Value) -> BTreeMap<String, String> {
    let workspace = document["workspace"]["id"].as_str().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let listed = stage.list(&format!("/v1/workspaces/{workspace}/roleAssignments"));
    listed.iter().map(|role| (text(&role["principal"]["id"]), text(&role["role"]))).collect()
}

const ITEMS: &str = "items:\n  lakehouses:\n    - name: \"BRONZE_SalesData_Lakehouse\"\n      description: \"Raw\"\n    \
    - name: \"GOLD_SalesAnalytics_Lakehouse\"\n  notebooks:\n    - name: \"01_IngestSalesData_Notebook\"\n      \
    language: \"python\"\nnaming:\n  validate: true\n  auto_fix: false\n  strict_mode: true\n";

/// The principals file decides which role it is.
const USERS: &str = "users:\n  - email: \"${DATA_OWNER_EMAIL}\"\n    role: \"Admin\"\n    principal_type: \"User\"\n";

#[test]
fn automated_deployment() {
    let stage = product("Sales Analytics", &format!("{ITEMS}{USERS}"), "");
    let root = stage.directory.path();
    principals(root, "sales_analytics", "dev", &format!("{OWNER},Admin,owner@contoso.example,User\n"));
    let first = deploy(&stage, "dev");
    assert_eq!((&first["status"], &first["transaction_id"]), (&"committed".into(), &Value::Null), "{first}");
    let expected = ["01_IngestSalesData_Notebook", "BRONZE_SalesData_Lakehouse", "GOLD_SalesAnalytics_Lakehouse"];
    let items = named(&stage, "contoso-sales-analytics-dev", "items");
    assert!(items.is_superset(&expected.map(str::to_owned).into()), "{items:?}");
    assert_eq!(roles(&stage, &first)[OWNER], "Admin");
    let trail = fs::read_to_string(root.join("audit/audit_trail.jsonl")).unwrap();
    let last: Value = serde_json::from_str(trail.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event_type"], &last["items_deployed"]), (&"deployment_completed".into(), &3.into()), "{last}");
    assert_eq!(deploy(&stage, "dev")["status"], "unchanged", "the scripts stopped at what was there");
}

#[test]
fn config_driven_workspace() {
    let stage = product("Customer Insights", &format!("{ITEMS}{USERS}"), "");
    let given = [("dev", "Contributor"), ("test", "Member"), ("prod", "Viewer")];
    for (environment, role) in given {
        principals(
            stage.directory.path(),
            "customer_insights",
            environment,
            &format!("# id,role,who,type\n{OWNER},{role},owner@contoso.example,User\n"),
        );
    }
    for (environment, role) in given {
        let document = deploy(&stage, environment);
        assert_eq!(document["workspace"]["name"], format!("contoso-customer-insights-{environment}"));
        assert_eq!(roles(&stage, &document)[OWNER], role, "{environment}");
    }
    assert_eq!(stage.list("/v1/workspaces").len(), 3);
}

#[test]
fn domain_workspace() {
    let stage = Stage::new();
    let source = stage.directory.path().join("source");
    sources::lakehouse(&source, "FinanceLakehouse", 1);
    sources::notebook(&source, "LoadLedger", 2, "print(1)");
    sources::platform(&source.join("FinanceWarehouse.Warehouse"), "Warehouse", "FinanceWarehouse", 3);
    let arguments = ["deploy", "--source", "source", "--workspace", "finance-ops", "--capacity", ACTIVE_CAPACITY];
    assert_eq!(stage.json(0, &arguments)["status"], "committed");
    let items = named(&stage, "finance-ops", "items");
    let expected = ["FinanceLakehouse", "FinanceWarehouse", "LoadLedger"].map(str::to_owned);
    assert!(items.is_superset(&expected.into()), "{items:?}");
    assert_eq!(stage.json(0, &arguments)["status"], "unchanged");
}

/// What an environment of the demo says of its folders.
const MEDALLION: &str = "    create_folders: true\n    use_medallion_architecture: true\n";

#[test]
fn comprehensive_demo() {
    let stage = product("Retail Demo", "source: \"workspace\"\nnaming:\n  validate: false\n", MEDALLION);
    let root = stage.directory.path();
    principals(root, "retail_demo", "dev", "# nobody\n");
    let source = root.join("workspace");
    sources::lakehouse(&source.join("Bronze Layer"), "BRONZE_Retail_Lakehouse", 1);
    sources::notebook(&source.join("Bronze Layer"), "01_Ingest_Notebook", 2, "print(1)");
    sources::pipeline(&source.join("Orchestration"), "Retail_Pipeline", 3, 2);
    let document = deploy(&stage, "dev");
    assert_eq!(document["status"], "committed", "{document}");
    let folders = named(&stage, "contoso-retail-demo-dev", "folders");
    assert!(["Orchestration", "Bronze Layer", "Gold Layer"].iter().all(|name| folders.contains(*name)), "{folders:?}");
    let workspace = document["workspace"]["id"].as_str().unwrap();
    let items = stage.list(&format!("/v1/workspaces/{workspace}/items"));
    let placed = items.iter().filter(|item| item["folderId"].is_string()).count();
    assert!(placed >= 3, "what the demo asked for and did not get: {items:?}");
}
