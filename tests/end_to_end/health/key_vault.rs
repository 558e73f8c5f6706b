//! The check `key_vault`: a vault that can be read, that refuses, that is not there.

use std::net::TcpListener;

use fabric_emulator::Service;

use super::{check, only};
use crate::secrets::{PASSWORD, Tenant};

const HEALTH: [&str; 5] = ["--output", "json", "health", "--only", "key_vault,fabric"];

#[test]
fn a_vault_that_can_be_read() {
    let tenant = Tenant::new(None);
    let run = tenant.run(&HEALTH, &[]).exits(0);
    let document = run.document();
    let found = check(&document, "key_vault");
    assert_eq!(found["status"], "healthy", "{document:#}");
    assert!(found["detail"].as_str().unwrap().contains("readable, signed in by"), "{found}");
    assert!(tenant.asked(Service::KeyVault) > 0, "the vault itself was asked");
    assert!(!run.stdout.contains(PASSWORD));

    let asked = tenant.asked(Service::KeyVault);
    let off = tenant.run(&HEALTH, &[("FEATURE_USE_KEY_VAULT", "off")]).exits(0).document();
    assert_eq!(check(&off, "key_vault")["status"], "disabled", "{off:#}");
    assert_eq!(tenant.asked(Service::KeyVault), asked);
}

#[test]
fn a_vault_that_refuses() {
    let tenant = Tenant::new(Some(&["list"]));
    let document = tenant.run(&HEALTH, &[]).exits(4).document();
    only(&document, "key_vault", "unhealthy", "403");
    let advice = check(&document, "key_vault")["advice"].as_str().unwrap();
    assert!(advice.contains("Key Vault Secrets User"), "{advice}");
}

#[test]
fn a_vault_that_is_not_there() {
    let tenant = Tenant::new(None);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("https://{closed}");
    let unnamed = tenant.run(&HEALTH, &[("KEY_VAULT_URL", "")]).exits(1).document();
    only(&unnamed, "key_vault", "unhealthy", "KEY_VAULT_URL");
    let document = tenant.run(&HEALTH, &[("KEY_VAULT_URL", &url)]).exits(1).document();
    only(&document, "key_vault", "unhealthy", "signing in by");
    assert!(document["duration_ms"].as_u64().unwrap() < 10_000, "{document}");
}
