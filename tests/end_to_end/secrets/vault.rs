//! A deployment whose service principal's secret and parameter values come from the vault, or do not.

use std::thread;

use fabric_emulator::{Fault, FaultKind, FaultMatch, SERVICE_PRINCIPAL_SECRET, Service, StatusFault};

use super::{NEWER_CLIENT_SECRET, PASSWORD, PLACES, Tenant};
use crate::binary::ACTIVE_CAPACITY;
use crate::example::copy_example;

fn fault(service: Service, operation: &str, nth: Option<u64>, kind: FaultKind) -> Fault {
    let matching = FaultMatch { service, operation: Some(operation.to_owned()), nth, ..FaultMatch::default() };
    Fault { matching, kind }
}

fn status(code: u16, error_code: Option<&str>) -> FaultKind {
    let error_code = error_code.map(str::to_owned);
    FaultKind::Status(StatusFault { code, applied: false, error_code, retry_after: None })
}

#[test]
fn on_everything_comes_from_the_vault_and_is_fetched_once() {
    let tenant = Tenant::new(None);
    let run = tenant.deploy(&[("FEATURE_USE_ROLLBACK", "on"), ("SALES_DB_PASSWORD", "of the environment")]).exits(0);
    assert_eq!(run.document()["status"], "committed");
    assert!(
        run.stderr.contains("AZURE_CLIENT_SECRET is the secret fabric-client-secret from Key Vault"),
        "{}",
        run.stderr
    );
    let mut fetched = tenant.answered(Service::KeyVault);
    fetched.sort();
    assert_eq!(fetched, ["GetSecret /secrets/fabric-client-secret/", "GetSecret /secrets/sales-db-password/"]);

    let definitions = tenant.definitions();
    assert!(definitions.contains(&format!("'pw={PASSWORD};'")), "as it is, in a notebook: {definitions}");
    let escaped = PASSWORD.replace('\\', "\\\\").replace('"', "\\\"");
    assert!(definitions.contains(&format!("\"Run {escaped}\"")), "escaped, in JSON: {definitions}");

    assert_eq!(tenant.deploy(&[]).exits(0).document()["status"], "unchanged");
}

#[test]
fn off_the_vault_is_not_asked_and_the_environment_gives_the_values() {
    let tenant = Tenant::new(None);
    let off = [("FEATURE_USE_KEY_VAULT", "off"), ("AZURE_CLIENT_SECRET", SERVICE_PRINCIPAL_SECRET)];
    std::fs::write(tenant.stage.directory.path().join(".env"), "SALES_DB_PASSWORD='of the file'\n").unwrap();
    tenant.deploy(&off).exits(0);
    assert!(tenant.definitions().contains("'pw=of the file;'"));
    tenant.deploy(&[off[0], off[1], ("SALES_DB_PASSWORD", "of the process")]).exits(0);
    assert!(tenant.definitions().contains("'pw=of the process;'"));
    assert_eq!(tenant.asked(Service::KeyVault), 0);
}

#[test]
fn a_rotation_makes_a_saved_plan_stale_and_the_next_deployment_brings_it() {
    let tenant = Tenant::new(None);
    tenant.deploy(&[]).exits(0);
    let plan =
        ["plan", "--source", "source", "--workspace", "Sales", "--capacity", ACTIVE_CAPACITY, "--out", "saved.plan"];
    tenant.run(&plan, &[]).exits(0);
    tenant.rotate("sales-db-password", "canary-of-the-second-version");
    let stale = tenant.run(&["deploy", "--plan", "saved.plan"], &[]).exits(7);
    assert!(stale.stderr.contains("stale"), "{}", stale.stderr);
    let shown = tenant.run(&plan, &[]).exits(0);
    assert!(shown.stdout.contains("not shown, because this part has ${secret:SALES_DB_PASSWORD}"), "{}", shown.stdout);
    tenant.run(&["deploy", "--plan", "saved.plan"], &[("FEATURE_USE_ROLLBACK", "on")]).exits(0);
    assert!(tenant.definitions().contains("canary-of-the-second-version") && !tenant.definitions().contains(PASSWORD));

    tenant.rotate("sales-db-password", "canary-of-the-third-version");
    tenant.run(&["rollback"], &[("FEATURE_USE_ROLLBACK", "on")]).exits(0);
    assert!(tenant.definitions().contains(&format!("'pw={PASSWORD};'")), "{}", tenant.definitions());
}

#[test]
fn a_value_that_is_shown_in_plans_cannot_be_a_secret() {
    let tenant = Tenant::new(None);
    let root = tenant.stage.directory.path();
    copy_example(root);
    let config = root.join("product_config.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    let described = "description: \"Development of Sales Analytics\"";
    let line = text.lines().position(|line| line.contains(described)).unwrap() + 1;
    std::fs::write(&config, text.replace(described, "description: \"${secret:sales-db-password}\"")).unwrap();
    let refused = tenant.run(&["deploy", "--config", "product_config.yaml", "--environment", "dev"], &[]).exits(7);
    assert!(refused.stderr.contains(&format!("product_config.yaml:{line}")), "{}", refused.stderr);
    assert!(refused.stderr.contains("cannot hold a secret"), "{}", refused.stderr);
    assert_eq!(tenant.asked(Service::KeyVault) + tenant.asked(Service::Fabric), 0);
}

#[test]
fn two_identities_at_once_are_an_error_that_one_variable_settles() {
    let tenant = Tenant::new(None);
    let token = tenant.stage.emulator.token();
    let refused = tenant.deploy(&[("FABRIC_TOKEN", &token)]).exits(7);
    assert!(refused.stderr.contains("FABRIC_TOKEN") && refused.stderr.contains("FABRIC_AUTH"), "{}", refused.stderr);
    assert_eq!(tenant.asked(Service::Fabric), 0);
    tenant.deploy(&[("FABRIC_TOKEN", &token), ("FABRIC_AUTH", "token")]).exits(0);
}

#[test]
fn a_refused_secret_is_never_taken_from_elsewhere() {
    let tenant = Tenant::new(Some(&["list"]));
    let everywhere = [("SALES_DB_PASSWORD", "planted"), ("FABRIC_CLIENT_SECRET", SERVICE_PRINCIPAL_SECRET)];
    let refused = tenant.deploy(&everywhere).exits(4);
    assert!(refused.stderr.contains("403 Forbidden (AccessDenied)"), "{}", refused.stderr);
    assert!(refused.stderr.contains("Key Vault Secrets User"), "{}", refused.stderr);
    assert!(PLACES.iter().all(|place| refused.stderr.contains(place)), "{}", refused.stderr);
    assert_eq!(tenant.asked(Service::Fabric), 0);
}

#[test]
fn what_does_not_exist_is_told_all_at_once_before_anything_is_sent() {
    let tenant = Tenant::new(None);
    let parameters = "find_replace:\n- find_value: PLACEHOLDER\n  replace_value:\n    _ALL_: ${secret:nowhere} ${secret:no.name}\n\
                      - find_value: server\n  replace_value:\n    _ALL_: ${secret:neither}\n";
    std::fs::write(tenant.stage.directory.path().join("source/parameter.yml"), parameters).unwrap();
    let refused = tenant.deploy(&[]).exits(7);
    assert!(refused.stderr.contains("parameter.yml:4") && refused.stderr.contains("'.'"), "{}", refused.stderr);
    std::fs::write(
        tenant.stage.directory.path().join("source/parameter.yml"),
        parameters.replace(" ${secret:no.name}", ""),
    )
    .unwrap();
    let refused = tenant.deploy(&[]).exits(7);
    for said in ["parameter.yml:4", "nowhere", "parameter.yml:7", "neither", "the environment", "secrets set"] {
        assert!(refused.stderr.contains(said), "{said}: {}", refused.stderr);
    }
    assert_eq!(tenant.asked(Service::Fabric), 0);
}

#[test]
fn a_vault_without_an_answer_is_told_and_the_environment_is_asked() {
    let tenant = Tenant::new(None);
    let credential = ("AZURE_CLIENT_SECRET", SERVICE_PRINCIPAL_SECRET);
    tenant.stage.emulator.set_faults(vec![fault(Service::KeyVault, "GetSecret", None, status(503, None))]);
    let later = tenant.deploy(&[credential]).exits(75);
    assert!(later.stderr.contains("gives no answer"), "{}", later.stderr);
    assert_eq!(tenant.asked(Service::Fabric), 0);

    let instead = tenant.deploy(&[credential, ("SALES_DB_PASSWORD", "of the environment")]).exits(0);
    assert!(instead.stderr.contains("a secret is looked for in the next store"), "{}", instead.stderr);
    assert!(tenant.definitions().contains("'pw=of the environment;'"));
}

#[test]
fn with_retries_a_vault_that_is_down_for_a_moment_is_asked_again() {
    let tenant = Tenant::new(None);
    let planted = ("SALES_DB_PASSWORD", "of the environment");
    tenant.stage.emulator.set_faults(vec![fault(Service::KeyVault, "GetSecret", Some(1), status(503, None))]);
    let run = tenant.deploy(&[("FEATURE_USE_RETRY_LOGIC", "on"), planted]).exits(0);
    assert!(!run.stderr.contains("the next store"), "{}", run.stderr);
    assert!(tenant.definitions().contains(&format!("'pw={PASSWORD};'")), "{}", tenant.definitions());
}

#[test]
fn a_vault_that_cannot_be_used_is_an_error_of_the_configuration() {
    let tenant = Tenant::new(None);
    for (url, said) in [
        ("", "KEY_VAULT_URL is not set"),
        ("http://sales.vault.azure.net", "https"),
        ("sales", "https://NAME.vault.azure.net"),
    ] {
        let refused = tenant.deploy(&[("KEY_VAULT_URL", url)]).exits(7);
        assert!(refused.stderr.contains(said), "{url}: {}", refused.stderr);
    }
    let nobody = tenant.deploy(&[("KEY_VAULT_AUTH", "somehow")]).exits(7);
    assert!(nobody.stderr.contains("KEY_VAULT_AUTH"), "{}", nobody.stderr);
    assert_eq!(tenant.asked(Service::KeyVault) + tenant.asked(Service::Fabric), 0);
}

#[test]
fn a_rotation_in_the_middle_of_a_deployment_is_one_refetch() {
    let tenant = Tenant::new(None);
    // The first answer of Fabric is slow enough for the rotation; the second says that the token has expired; Entra then
    // refuses the secret that the token was got with.
    tenant.stage.emulator.set_faults(vec![
        fault(Service::Fabric, "ListWorkspaces", Some(1), FaultKind::SlowMs(5_000)),
        fault(Service::Fabric, "CreateWorkspace", Some(1), status(401, Some("TokenExpired"))),
        fault(Service::Entra, "Token", Some(2), status(401, None)),
    ]);
    let committed = thread::scope(|scope| {
        let deployment = scope.spawn(|| tenant.deploy(&[]));
        while tenant.answered(Service::KeyVault).len() < 2 {
            thread::yield_now();
        }
        tenant.rotate("fabric-client-secret", NEWER_CLIENT_SECRET);
        deployment.join().unwrap()
    });
    assert_eq!(committed.exits(0).document()["status"], "committed");
    let fetched = tenant.answered(Service::KeyVault);
    let of = |path: &str| fetched.iter().filter(|request| **request == format!("GetSecret {path}")).count();
    assert_eq!((of("/secrets/fabric-client-secret/"), of("/secrets/sales-db-password/")), (2, 1), "{fetched:?}");
}
