//! Whoever is signed in to the Azure CLI.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Output};
use std::sync::{Arc, Mutex};

use fabric_identity::{CredentialChain, Executor, FailureReason, Method};

use crate::double::{SCOPE, TENANT, lookup};

#[derive(Debug)]
struct Az {
    code: i32,
    stdout: String,
    stderr: String,
    run: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Executor for Az {
    async fn run(&self, _: &OsStr, arguments: &[&OsStr]) -> io::Result<Output> {
        self.run.lock().unwrap().push(arguments.last().unwrap().to_str().unwrap().to_owned());
        Ok(Output {
            status: ExitStatus::from_raw(self.code << 8),
            stdout: self.stdout.clone().into_bytes(),
            stderr: self.stderr.clone().into_bytes(),
        })
    }
}

fn az(code: i32, stdout: &str, stderr: &str) -> Arc<Az> {
    Arc::new(Az { code, stdout: stdout.to_owned(), stderr: stderr.to_owned(), run: Mutex::default() })
}

fn chain(az: &Arc<Az>, variables: &[(&str, &str)]) -> CredentialChain {
    let executor: Arc<dyn Executor> = Arc::<Az>::clone(az);
    CredentialChain::builder(&lookup(variables)).executor(executor).build().unwrap()
}

#[tokio::test]
async fn its_token_is_kept_so_that_it_runs_once() {
    let expires = azure_core::time::OffsetDateTime::now_utc().unix_timestamp() + 3600;
    let az = az(0, &format!(r#"{{"accessToken":"of-az","expires_on":{expires},"tokenType":"Bearer"}}"#), "");
    let chain = chain(&az, &[("FABRIC_TENANT_ID", TENANT)]);
    assert_eq!(chain.method(), Method::AzureCli);
    for _ in 0..3 {
        assert_eq!(chain.token(&[SCOPE]).await.unwrap().token.secret(), "of-az");
    }
    let run = az.run.lock().unwrap().clone();
    let [command] = run.as_slice() else { panic!("{run:?}") };
    assert!(
        command.contains(&format!("az account get-access-token -o json --scope {SCOPE} --tenant {TENANT}")),
        "{command}"
    );
}

#[tokio::test]
async fn without_it_the_error_lists_every_way_and_what_it_lacks() {
    let az = az(127, "", "sh: az: not found");
    let error = chain(&az, &[]).token(&[SCOPE]).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("Azure CLI: az not found on PATH"), "{text}");
    assert!(text.contains("token: skipped, FABRIC_TOKEN is not set"), "{text}");
    assert!(
        text.contains(
            "client secret: skipped, FABRIC_CLIENT_ID, FABRIC_TENANT_ID and FABRIC_CLIENT_SECRET are not set"
        ),
        "{text}"
    );
    let remedy = error.remedy();
    assert!(remedy.contains("az login") && remedy.contains("FABRIC_TOKEN"), "{remedy}");
}

#[tokio::test]
async fn what_it_says_itself_is_passed_on() {
    let az = az(1, "", "WARNING: news\nERROR: Please run 'az login' to setup account.\n");
    let error = chain(&az, &[("FABRIC_AUTH", "azure-cli")]).token(&[SCOPE]).await.unwrap_err();
    let said = "ERROR: Please run 'az login' to setup account.".to_owned();
    assert_eq!(error.reason, FailureReason::Unusable(said));
    assert!(error.skipped.is_empty());
}
