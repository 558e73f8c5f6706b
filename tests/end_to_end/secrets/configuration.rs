//! Secrets in a product configuration and in the variables beside it: sent where they are sent, and shown nowhere.

use fabric_emulator::{ADMINISTRATOR, Service};

use super::{PASSWORD, Tenant};
use crate::example::copy_example;

const PRODUCT: [&str; 5] = ["deploy", "--config", "product_config.yaml", "--environment", "dev"];

/// The example, whose notebook is given a password by parameters that the configuration itself holds.
pub(crate) fn example_with_parameters(root: &std::path::Path) -> usize {
    copy_example(root);
    let notebook = root.join("workspace/Transform/10_CleanSales_Notebook.Notebook/notebook-content.py");
    let text = std::fs::read_to_string(&notebook).unwrap();
    std::fs::write(&notebook, format!("{text}\nconnect('PASSWORD-OF-SALES')\n")).unwrap();
    let config = root.join("product_config.yaml");
    let section = "source: \"workspace\"\nparameters:\n  extend: [workspace/parameter.yml]\n  find_replace:\n  \
                   - find_value: PASSWORD-OF-SALES\n    replace_value:\n      _ALL_: pw=${secret:SALES_DB_PASSWORD};\n";
    let text = std::fs::read_to_string(&config).unwrap().replace("source: \"workspace\"\n", section);
    // The tenant has other people than the example.
    std::fs::remove_dir_all(root.join("config/principals")).unwrap();
    let (before, users) = text.split_once("users:\n").unwrap();
    let (_, after) = users.split_once("\n\n").unwrap();
    let text = format!("{before}users:\n  - object_id: {ADMINISTRATOR}\n    role: Viewer\n\n{after}");
    std::fs::write(&config, &text).unwrap();
    text.lines().position(|line| line.contains("${secret:SALES_DB_PASSWORD}")).unwrap() + 1
}

#[test]
fn a_value_of_the_configuration_that_ends_in_a_definition_may_be_a_secret() {
    let tenant = Tenant::new(None);
    let root = tenant.stage.directory.path();
    let line = example_with_parameters(root);
    let place = format!("product_config.yaml:{line}");

    let plan = tenant.run(&["plan", "--config", "product_config.yaml", "--environment", "dev", "--out", "p"], &[]);
    let plan = plan.exits(0);
    let saved = std::fs::read_to_string(root.join("p")).unwrap();
    for text in [&plan.stdout, &plan.stderr, &saved] {
        assert!(!text.contains("canary-of-the-vault"), "{text}");
    }
    let run = tenant.run(&PRODUCT, &[("FEATURE_USE_ROLLBACK", "on")]).exits(0);
    assert!(!run.stdout.contains("canary-of-the-vault") && !run.stderr.contains("canary-of-the-vault"));
    assert!(tenant.definitions().contains(&format!("connect('pw={PASSWORD};')")), "{}", tenant.definitions());
    let fetched = tenant.answered(Service::KeyVault);
    let of_password = fetched.iter().filter(|request| request.contains("sales-db-password"));
    assert_eq!(of_password.count(), 2, "once for the plan, once for the deployment: {fetched:?}");

    let checked = tenant.run(&["secrets", "check", "--config", "product_config.yaml", "--environment", "dev"], &[]);
    assert!(checked.exits(0).stdout.contains(&place));

    let config = root.join("product_config.yaml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("${secret:SALES_DB_PASSWORD}", "${secret:nowhere}")).unwrap();
    let before = tenant.asked(Service::Fabric);
    let refused = tenant.run(&PRODUCT, &[]).exits(7);
    assert!(refused.stderr.contains(&place) && refused.stderr.contains("secrets set"), "{}", refused.stderr);
    assert_eq!(tenant.asked(Service::Fabric), before);
}

#[test]
fn no_value_of_a_config_yml_can_be_a_secret() {
    let tenant = Tenant::new(None);
    let file = tenant.stage.directory.path().join("config.yml");
    std::fs::write(&file, "core:\n  workspace: ${secret:sales-db-password}\n  repository_directory: source\n").unwrap();
    let refused = tenant.run(&["deploy", "--config", "config.yml", "--environment", "dev"], &[]).exits(7);
    assert!(
        refused.stderr.contains("config.yml:2") && refused.stderr.contains("secret-not-here"),
        "{}",
        refused.stderr
    );
    assert_eq!(tenant.asked(Service::KeyVault) + tenant.asked(Service::Fabric), 0);
}
