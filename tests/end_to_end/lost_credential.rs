//! A credential that is refused in the middle of a deployment: what was done is told, and one command finishes it.

use std::collections::BTreeSet;

use fabric_emulator::{Fault, SERVICE_PRINCIPAL_SECRET};
use serde_json::{Value, json};

use crate::binary::Run;
use crate::secrets::{DEPLOY, Tenant};

const VARIABLES: [(&str, &str); 2] =
    [("AZURE_CLIENT_SECRET", SERVICE_PRINCIPAL_SECRET), ("SALES_DB_PASSWORD", "of-the-environment")];

/// From the second create on Fabric takes no token, and Entra gives no newer one.
fn refuse_from_the_second_item_on(tenant: &Tenant) {
    let faults = json!([
        { "match": { "operation": "CreateItem", "nth": 2 }, "kind": { "status": { "code": 401, "applied": false, "error_code": "TokenExpired" } } },
        { "match": { "service": "entra", "operation": "Token", "nth": 2, "times": 1_000 }, "kind": { "status": { "code": 401, "applied": false } } },
    ]);
    let faults: Vec<Fault> = serde_json::from_value(faults).unwrap();
    tenant.stage.emulator.set_faults(faults);
}

fn run(tenant: &Tenant, arguments: &[&str], rollback: &str) -> Run {
    let flags = [VARIABLES[0], VARIABLES[1], ("FEATURE_USE_KEY_VAULT", "off"), ("FEATURE_USE_ROLLBACK", rollback)];
    tenant.run(arguments, &flags)
}

fn deploy(tenant: &Tenant, rollback: &str) -> Run {
    run(tenant, &[&["--settle", "100ms"], DEPLOY].concat(), rollback)
}

fn failed_without_token(document: &Value) {
    let steps = document["steps"].as_array().unwrap();
    let failed = steps.iter().find(|step| step["status"] == "failed").unwrap_or_else(|| panic!("{document}"));
    assert_eq!(failed["error"]["code"], "no-token", "{failed}");
    assert!(failed["error"]["remedy"].as_str().unwrap().contains("fabric-cli health"), "{failed}");
}

fn left(document: &Value) -> Vec<(&str, &str)> {
    let left = document["left_behind"].as_array().unwrap().iter();
    left.map(|left| (left["step"].as_str().unwrap(), left["remedy"].as_str().unwrap())).collect()
}

#[test]
fn without_roll_back_what_was_done_is_listed_and_the_exit_code_is_4() {
    let tenant = Tenant::new(None);
    refuse_from_the_second_item_on(&tenant);
    let document = deploy(&tenant, "off").exits(4).document();
    assert_eq!(document["status"], "failed");
    failed_without_token(&document);
    let left = left(&document);
    let steps: Vec<_> = left.iter().map(|(step, _)| *step).collect();
    assert!(steps.contains(&"workspace/create") && steps.contains(&"item/One.Notebook/create"), "{steps:?}");
    assert!(left.iter().all(|(_, remedy)| remedy.contains("`fabric-cli deploy` again")), "{left:?}");
    tenant.stage.emulator.set_faults(Vec::new());
    assert_eq!(deploy(&tenant, "off").exits(0).document()["status"], "committed");
}

#[test]
fn with_roll_back_nothing_can_be_undone_and_the_report_names_the_command_that_does() {
    let tenant = Tenant::new(None);
    refuse_from_the_second_item_on(&tenant);
    let document = deploy(&tenant, "on").exits(6).document();
    assert_eq!(document["status"], "stuck");
    failed_without_token(&document);
    let left = left(&document);
    let steps: Vec<_> = left.iter().map(|(step, _)| *step).collect();
    assert!(steps.contains(&"workspace/create") && steps.contains(&"item/One.Notebook/create"), "{steps:?}");
    let commands: BTreeSet<_> =
        left.iter().map(|(_, remedy)| remedy.split('`').find(|part| part.starts_with("fabric-cli rollback"))).collect();
    let [Some(command)] = commands.into_iter().collect::<Vec<_>>()[..] else { panic!("one command ends it: {left:?}") };
    assert!(left.iter().any(|(_, remedy)| remedy.contains("once the credential works again")), "{left:?}");
    assert_eq!(tenant.stage.emulator.world()["workspaces"].as_array().unwrap().len(), 1);

    tenant.stage.emulator.set_faults(Vec::new());
    let words: Vec<_> = command.split(' ').skip(1).chain(["--output", "json"]).collect();
    assert_eq!(run(&tenant, &words, "on").exits(0).document()["status"], "rolled_back");
    assert_eq!(tenant.stage.emulator.world()["workspaces"], json!([]));
}

#[test]
fn a_credential_that_is_refused_while_everything_is_read_again_is_4_as_well() {
    let tenant = Tenant::new(None);
    let faults = json!([
        { "match": { "operation": "ListItems", "nth": 1, "times": 1_000 }, "kind": { "status": { "code": 401, "applied": false, "error_code": "TokenExpired" } } },
        { "match": { "service": "entra", "operation": "Token", "nth": 2, "times": 1_000 }, "kind": { "status": { "code": 401, "applied": false } } },
    ]);
    tenant.stage.emulator.set_faults(serde_json::from_value(faults).unwrap());
    let document = deploy(&tenant, "off").exits(4).document();
    assert_eq!(left(&document)[0].0, "verify", "{document}");
    assert!(left(&document)[0].1.contains("`fabric-cli deploy` again"), "{document}");
}
