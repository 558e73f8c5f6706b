//! Publishes a few pages, all or none of them, and survives being killed on the way.
//!
//! `cargo run -p fabric-txn --example publish_pages` tells what happens, and leaves a journal to look at.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example shows its output and writes files")]

use std::error::Error;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use fabric_txn::store::FolderStore;
use fabric_txn::{
    DeploymentTransaction, ExecuteOptions, Failure, Finding, Lease, LeaseOptions, OnFailure, Outcome, Registry, Report,
    Reversibility, Step, StepContext, StepSpec, SystemClock, TransactionId, history,
};
use serde_json::{Value, json};

/// Writes one page: new, or over an old one.
struct WritePage {
    site: PathBuf,
}

impl WritePage {
    fn path(&self, context: &StepContext<'_>) -> PathBuf {
        self.site.join(context.payload()["page"].as_str().unwrap_or_default())
    }

    fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
        match fs::read(path) {
            Ok(page) => Ok(Some(page)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What was there before, if it was saved; and in it, if there was anything.
    async fn before(context: &StepContext<'_>) -> Result<Option<Option<Vec<u8>>>, Failure> {
        if let Some(page) = context.before("page").await? {
            return Ok(Some(Some(page)));
        }
        Ok(context.notes().contains(&json!("there was no page")).then_some(None))
    }

    async fn write(&self, context: &StepContext<'_>) -> Result<(), Failure> {
        let path = self.path(context);
        match Self::read(&path)? {
            Some(page) => drop(context.save("page", &page).await?),
            None => context.note(json!("there was no page")).await?,
        }
        Ok(fs::write(path, context.payload()["text"].as_str().unwrap_or_default())?)
    }
}

#[async_trait]
impl Step for WritePage {
    fn reversibility(&self, _payload: &Value) -> Reversibility {
        Reversibility::Reversible
    }

    async fn apply(&self, context: &StepContext<'_>) -> Outcome {
        match self.write(context).await {
            Ok(()) => Outcome::Applied(Value::Null),
            Err(failure) => Outcome::NotApplied(failure),
        }
    }

    async fn probe(&self, context: &StepContext<'_>) -> Finding {
        match (Self::before(context).await, Self::read(&self.path(context))) {
            (Ok(None), _) => Finding::NotApplied,
            (Ok(Some(before)), Ok(now)) if now == before => Finding::NotApplied,
            (_, Ok(Some(now))) if Some(&*now) == context.payload()["text"].as_str().map(str::as_bytes) => {
                Finding::Applied(Value::Null)
            }
            (Err(failure), _) | (_, Err(failure)) => Finding::Unknown(failure),
            _ => Finding::Unknown(Failure::new("somebody else changed the page")),
        }
    }

    async fn undo(&self, context: &StepContext<'_>) -> Result<Value, Failure> {
        match Self::before(context).await? {
            Some(Some(page)) => fs::write(self.path(context), page)?,
            Some(None) => fs::remove_file(self.path(context))?,
            None => {}
        }
        Ok(Value::Null)
    }
}

fn page(name: &str, text: &str) -> StepSpec {
    StepSpec::new(name, "write page", json!({"page": name, "text": text}))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::temp_dir().join(format!("publish-pages-{}", TransactionId::new(0)));
    let site = root.join("site");
    fs::create_dir_all(&site)?;
    fs::write(site.join("index.html"), "the old index")?;
    let store = Arc::new(FolderStore::new(root.join("state")));
    let registry = Registry::new().with("write page", WritePage { site: site.clone() });
    let lease =
        Lease::acquire(store.clone(), Arc::new(SystemClock), "site", "the example", LeaseOptions::default()).await?;

    println!("1. The third page cannot be written, so the first two go back.");
    let pages = vec![
        page("about.html", "about us"),
        page("index.html", "the new index").after(["about.html"]),
        page("no-such-folder/deep.html", "deep").after(["index.html"]),
    ];
    let mut transaction = DeploymentTransaction::begin(store.clone(), lease.clone(), json!({"commit": "1f3a"})).await?;
    let report = transaction.execute(pages, &registry, &ExecuteOptions::default()).await?;
    print(&report, &site)?;

    println!("2. Somebody presses Ctrl-C, and nothing is rolled back: the transaction stays open.");
    let options = ExecuteOptions { on_failure: OnFailure::Keep, ..ExecuteOptions::default() };
    options.stop.request();
    let pages = vec![page("about.html", "about us"), page("index.html", "the new index").after(["about.html"])];
    let mut transaction = DeploymentTransaction::begin(store.clone(), lease.clone(), json!({"commit": "77c0"})).await?;
    print(&transaction.execute(pages, &registry, &options).await?, &site)?;
    let id = transaction.id();
    drop(transaction);

    println!("3. Another process finds it and goes on.");
    let mut transaction = DeploymentTransaction::reopen(store.clone(), lease.clone(), id).await?;
    print(&transaction.resume(&registry, &ExecuteOptions::default()).await?, &site)?;

    println!("4. Weeks later, it is rolled back.");
    let mut transaction = DeploymentTransaction::reopen(store.clone(), lease.clone(), id).await?;
    print(&transaction.rollback(&registry, "the old index was better", &ExecuteOptions::default()).await?, &site)?;
    lease.release().await?;

    for entry in history(&*store).await? {
        println!("{} {}", entry.transaction, entry.state?.phase.name());
    }
    println!("the journal: {}", store.journal_path(id).display());
    Ok(())
}

fn print(report: &Report, site: &Path) -> Result<(), Box<dyn Error>> {
    println!("   {:?}{}", report.end, report.reason.as_ref().map(|why| format!(", because {why}")).unwrap_or_default());
    for step in &report.steps {
        println!("   {}: {:?}", step.spec.name, step.status);
    }
    for entry in fs::read_dir(site)? {
        let path = entry?.path();
        println!("   on the site: {} = {}", path.display(), fs::read_to_string(&path)?);
    }
    Ok(())
}
