//! Secrets in a pipeline: hidden by the one line that the pipeline reads, and written nowhere else.

use std::fs::{self, File};
use std::process::Command;

use fabric_emulator::SERVICE_PRINCIPAL_SECRET;

use crate::binary;
use crate::secrets::{DEPLOY, Tenant};

const FIRST_LINE: &str = "canary-of-the-first-line 100%";
const SECOND_LINE: &str = "canary-of-the-second-line";
const OF_THE_FILE: &str = "canary-of-the-file-9e07";
const TOKEN_OF_THE_FILE: &str = "canary-of-a-token-c3d2";
const OF_THE_ENVIRONMENT: &str = "canary-of-the-environment-1f55";

/// The vault's password has several lines; others come from an `.env` file and from the pipeline.
fn tenant() -> Tenant {
    let tenant = Tenant::new(None);
    tenant.rotate("sales-db-password", &format!("{FIRST_LINE}\n{SECOND_LINE}\n}}"));
    let root = tenant.stage.directory.path();
    let env = format!("FILE_PASSWORD='{OF_THE_FILE}'\nGITHUB_TOKEN={TOKEN_OF_THE_FILE}\nEMPTY_TOKEN=\n");
    fs::write(root.join(".env"), env).unwrap();
    let parameters = root.join("source/parameter.yml");
    let more = "- find_key: $.properties.activities[0].type\n  replace_value:\n    _ALL_: ${secret:file-password}-${secret:environment-password}\n";
    fs::write(&parameters, fs::read_to_string(&parameters).unwrap() + more).unwrap();
    tenant
}

fn command(tenant: &Tenant, platform: &[(&str, &str)]) -> Command {
    let mut command = tenant.command(&[&["--log-level", "trace"], DEPLOY].concat());
    command.env("ENVIRONMENT_PASSWORD", OF_THE_ENVIRONMENT).env("FEATURE_USE_ROLLBACK", "on");
    command.envs(platform.iter().copied());
    command
}

/// Every line with a secret is one that hides it, and comes once.
fn hides(variable: (&str, &str), begin: &str, escaped: &str) {
    let tenant = tenant();
    let run = binary::run(&mut command(&tenant, &[variable])).exits(0);
    assert_eq!(run.document()["status"], "committed");
    assert!(!run.stdout.contains("canary"), "{}", run.stdout);
    let told: Vec<_> = run.stderr.lines().filter(|line| line.contains("canary")).collect();
    let mut expected = [
        format!("canary-of-the-first-line 100{escaped}"),
        SECOND_LINE.to_owned(),
        OF_THE_FILE.to_owned(),
        TOKEN_OF_THE_FILE.to_owned(),
    ]
    .map(|value| format!("{begin}{value}"));
    expected.sort();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    let of_client: Vec<_> = run.stderr.lines().filter(|line| line.contains(SERVICE_PRINCIPAL_SECRET)).collect();
    assert_eq!(of_client, [format!("{begin}{SERVICE_PRINCIPAL_SECRET}")], "the credential is a secret of the vault");
    let definitions = tenant.definitions();
    for value in [SECOND_LINE, OF_THE_FILE, OF_THE_ENVIRONMENT] {
        assert!(definitions.contains(value), "{value} was sent");
    }
}

#[test]
fn github_hides_what_it_does_not_know() {
    hides(("GITHUB_ACTIONS", "true"), "::add-mask::", "%25");
}

#[test]
fn azure_devops_hides_what_it_does_not_know() {
    hides(("TF_BUILD", "True"), "##vso[task.setsecret]", "%AZP25");
}

#[test]
fn where_no_pipeline_reads_nothing_is_written() {
    let tenant = tenant();
    for platform in [&[][..], &[("GITHUB_ACTIONS", "true")]] {
        let log = tenant.stage.path("log.txt");
        let mut to_a_file = command(&tenant, platform);
        let run = binary::run_with_errors_to(&mut to_a_file, File::create(&log).unwrap());
        assert_eq!(run.code, 0, "{}", fs::read_to_string(&log).unwrap());
        let run = [run.stdout, fs::read_to_string(&log).unwrap()].concat();
        assert!(!run.contains("canary") && !run.contains(SERVICE_PRINCIPAL_SECRET), "{run}");
    }
    let quiet = binary::run(command(&tenant, &[("GITHUB_ACTIONS", "true")]).args(["--ci", "none"])).exits(0);
    assert!(!quiet.stderr.contains("canary") && !quiet.stderr.contains("add-mask"), "{}", quiet.stderr);
}
