//! Runs the replay and the walk once, for all tests that judge what they found.

use tokio::sync::OnceCell;

use crate::corpus::{corpus, workspace_root};
use crate::coverage::Ledger;
use crate::driver::Driver;
use crate::replay::replay_all;
use crate::walk::walk_all;

struct Findings {
    page: String,
    /// Of the replay.
    unexplained: Vec<String>,
    /// Of the walk.
    faults: Vec<String>,
}

async fn findings() -> Option<&'static Findings> {
    static FINDINGS: OnceCell<Findings> = OnceCell::const_new();
    let corpus = corpus()?;
    let find = || async {
        let driver = Driver::start().await;
        let mut ledger = Ledger::new(corpus.catalogue.operations());
        let unexplained = replay_all(&driver, corpus, &mut ledger).await;
        let faults = walk_all(&driver, corpus, &mut ledger).await;
        Findings { page: ledger.page(), unexplained, faults }
    };
    Some(FINDINGS.get_or_init(find).await)
}

#[tokio::test]
async fn recorded_exchanges_are_reproduced() {
    let Some(Findings { unexplained, .. }) = findings().await else { return };
    assert!(unexplained.is_empty(), "{} faults\n{}", unexplained.len(), unexplained.join("\n"));
}

#[tokio::test]
async fn every_answer_conforms_to_the_published_schemas() {
    let Some(Findings { faults, .. }) = findings().await else { return };
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test]
async fn the_coverage_page_is_up_to_date() {
    let Some(Findings { page, .. }) = findings().await else { return };
    let file = workspace_root().join("docs/emulator-coverage.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, page).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == *page,
        "docs/emulator-coverage.md is out of date: run `UPDATE_DOCS=1 cargo test -p fabric-emulator --test conformance`"
    );
}
