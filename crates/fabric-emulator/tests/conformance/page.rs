//! Writes `docs/emulator-coverage.md`, or says that it is out of date.

use crate::corpus::{corpus, workspace_root};
use crate::coverage::Ledger;
use crate::driver::Driver;
use crate::replay::replay_all;
use crate::walk::walk_all;

#[tokio::test]
async fn the_coverage_page_is_up_to_date() {
    let Some(corpus) = corpus() else { return };
    let driver = Driver::start().await;
    let mut ledger = Ledger::new(corpus.catalogue.operations());
    replay_all(&driver, corpus, &mut ledger).await;
    walk_all(&driver, corpus, &mut ledger).await;
    let page = ledger.page();
    let file = workspace_root().join("docs/emulator-coverage.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == page,
        "docs/emulator-coverage.md is out of date: run `UPDATE_DOCS=1 cargo test -p fabric-emulator --test conformance`"
    );
}
