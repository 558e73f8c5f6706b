//! `secrets list`, `check` and `set`: everything but the values.

use fabric_emulator::{SERVICE_PRINCIPAL_SECRET, Service};

use super::{PASSWORD, PLACES, Tenant};
use crate::binary::{ACTIVE_CAPACITY, Run};

const CHECK: &[&str] = &[
    "--output",
    "json",
    "secrets",
    "check",
    "--source",
    "source",
    "--workspace",
    "Sales",
    "--capacity",
    ACTIVE_CAPACITY,
];

#[track_caller]
fn tells_no_value(run: Run) -> Run {
    for value in [PASSWORD, SERVICE_PRINCIPAL_SECRET, "canary-written"] {
        assert!(!run.stdout.contains(value) && !run.stderr.contains(value), "{}{}", run.stdout, run.stderr);
    }
    run
}

#[test]
fn the_vault_is_listed_without_values() {
    let tenant = Tenant::new(None);
    let text = tells_no_value(tenant.run(&["secrets", "list"], &[])).exits(0).stdout;
    assert!(text.contains("sales-db-password  enabled  key-vault:") && text.contains(" days ago)"), "{text}");
    assert!(text.contains("2 secrets; the vault is opened by managed identity"), "{text}");
    let off = tenant.run(&["secrets", "list"], &[("FEATURE_USE_KEY_VAULT", "off")]).exits(0);
    assert!(off.stderr.contains("secrets check"), "{}", off.stderr);
}

#[test]
fn a_check_says_where_each_secret_would_come_from() {
    let tenant = Tenant::new(None);
    let document = tells_no_value(tenant.run(CHECK, &[])).exits(0).document();
    let rows = document["secrets"].as_array().unwrap();
    let used: Vec<_> = rows.iter().flat_map(|row| row["used"].as_array().unwrap()).map(ToString::to_string).collect();
    assert!(used.iter().any(|place| place.contains("AZURE_CLIENT_SECRET")), "{used:?}");
    assert!(PLACES.iter().all(|line| used.iter().any(|place| place.contains(line))), "{used:?}");
    assert!(rows.iter().all(|row| row["status"] == "found" && row["version"].is_string()), "{rows:?}");

    let off = [("FEATURE_USE_KEY_VAULT", "off"), ("SALES_DB_PASSWORD", "canary-written")];
    let document = tells_no_value(tenant.run(CHECK, &off)).exits(7).document();
    let row =
        |name: &str| document["secrets"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone();
    assert_eq!(row("sales-db-password")["source"], "environment");
    assert_eq!(row("fabric-client-secret")["status"], "missing");
    assert_eq!(tenant.asked(Service::Fabric), 0);
}

#[test]
fn a_secret_is_written_from_standard_input_and_from_nowhere_else() {
    let tenant = Tenant::new(None);
    tenant.rotate("Webhook_Key", "canary-written\n");
    let world = tenant.stage.emulator.world();
    let written = world["secrets"].as_array().unwrap().iter().find(|secret| secret["name"] == "webhook-key").unwrap();
    assert_eq!(written["versions"][0]["value"], "canary-written");

    let refused = tells_no_value(tenant.run(&["secrets", "set", "webhook-key", "canary-written"], &[])).exits(64);
    assert!(refused.stderr.contains("standard input"), "{}", refused.stderr);
    let off = tenant.run(&["secrets", "set", "webhook-key"], &[("FEATURE_USE_KEY_VAULT", "off")]).exits(7);
    assert!(off.stderr.contains("FEATURE_USE_KEY_VAULT is off"), "{}", off.stderr);
    let name = tenant.run(&["secrets", "set", "webhook.key"], &[]).exits(7);
    assert!(name.stderr.contains("'.'"), "{}", name.stderr);
    let empty = tenant.run(&["secrets", "set", "webhook-key"], &[]).exits(7);
    assert!(empty.stderr.contains("no value on standard input"), "{}", empty.stderr);
}
