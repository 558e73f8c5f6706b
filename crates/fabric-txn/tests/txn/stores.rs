//! Each store passes the same suite, and keeps what it promises besides.

use std::sync::Arc;

use fabric_txn::store::{FolderStore, MemoryStore};
use fabric_txn::{End, Error, JournalStore};

use crate::conformance;
use crate::support::{begin, clock, options};
use crate::world::{Phase, World, create, update};

#[tokio::test]
async fn memory() {
    conformance::all(Arc::new(MemoryStore::new())).await;
    conformance::torn_tails_are_removed(&MemoryStore::new()).await;
}

#[tokio::test]
async fn folder() {
    let folder = tempfile::tempdir().unwrap();
    conformance::all(Arc::new(FolderStore::new(folder.path().join("not/there/yet")))).await;
    conformance::torn_tails_are_removed(&FolderStore::new(folder.path())).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, world) = (tempfile::tempdir().unwrap(), World::with(&["a"]));
    let root = folder.path().join("state");
    let store = Arc::new(FolderStore::new(&root));
    let mut transaction = begin(&store, &clock()).await;
    transaction.execute(vec![update("a")], &world.registry(), &options()).await.unwrap();
    let (mut folders, mut files) = (vec![root], 0);
    while let Some(next) = folders.pop() {
        assert_eq!(std::fs::metadata(&next).unwrap().permissions().mode() & 0o777, 0o700, "{}", next.display());
        for entry in std::fs::read_dir(next).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{}", entry.path().display());
                assert!(!entry.file_name().to_string_lossy().contains("draft"));
                files += 1;
            }
        }
    }
    assert_eq!(files, 4, "a journal, a lease, an opening and a before-image");
}

#[tokio::test]
async fn a_journal_in_a_folder_is_read_by_any_json_tool() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::default());
    let store = Arc::new(FolderStore::new(folder.path()));
    let mut transaction = begin(&store, &clock()).await;
    transaction.execute(vec![create("a")], &world.registry(), &options()).await.unwrap();
    let text = std::fs::read_to_string(store.journal_path(transaction.id())).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["record"]["event"]["event"], "begun");
    assert_eq!(lines.last().unwrap()["record"]["event"]["event"], "committed");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_stops_everything_before_the_first_effect() {
    let (folder, world) = (tempfile::tempdir().unwrap(), World::default());
    let store = Arc::new(FolderStore::new(folder.path()));
    let mut transaction = begin(&store, &clock()).await;
    // A folder in place of the journal fails for every user, unlike permissions.
    let path = store.journal_path(transaction.id());
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let failed = transaction.execute(vec![create("a")], &world.registry(), &options()).await.unwrap_err();
    assert!(matches!(&failed, Error::JournalBroken { .. }), "{failed}");
    assert!(failed.to_string().contains("cannot open"), "{failed}");
    assert_eq!(world.calls(Phase::Apply), [""; 0]);
}

#[tokio::test]
async fn a_journal_that_vanished_fences_its_writer() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(FolderStore::new(folder.path()));
    let mut transaction = begin(&store, &clock()).await;
    std::fs::remove_file(store.journal_path(transaction.id())).unwrap();
    assert!(matches!(transaction.register(vec![create("a")]).await, Err(Error::Fenced(_))));
}

#[tokio::test]
async fn a_state_folder_that_cannot_be_created_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let occupied = folder.path().join("file");
    std::fs::write(&occupied, "").unwrap();
    let store = FolderStore::new(occupied.join("state"));
    let failed = store.create("scopes/a/b", b"").await.unwrap_err().to_string();
    assert!(failed.starts_with("cannot create ") && failed.contains("file/state"), "{failed}");
    assert!(store.list("scopes").await.is_err() || cfg!(windows));
}

#[tokio::test]
async fn a_locked_journal_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(FolderStore::new(folder.path()));
    let mut transaction = begin(&store, &clock()).await;
    let journal = std::fs::File::open(store.journal_path(transaction.id())).unwrap();
    journal.lock().unwrap();
    let failed = transaction.register(vec![create("a")]).await.unwrap_err().to_string();
    assert!(failed.contains("cannot lock"), "{failed}");
}

#[tokio::test]
async fn a_transaction_survives_the_process_in_a_folder() {
    let (folder, world, clock) = (tempfile::tempdir().unwrap(), World::with(&["a"]), clock());
    let store = Arc::new(FolderStore::new(folder.path()));
    let mut transaction = begin(&store, &clock).await;
    transaction.execute(vec![update("a")], &world.registry(), &options()).await.unwrap();
    let (id, before) = (transaction.id(), transaction.state());
    drop(transaction);
    let store = Arc::new(FolderStore::new(folder.path()));
    assert_eq!(fabric_txn::recover(&*store, id).await.unwrap(), before);
    clock.advance(crate::support::LATER);
    let lease = crate::support::lease(&store, &clock, "next").await.unwrap();
    let mut transaction = fabric_txn::DeploymentTransaction::reopen(store, lease, id).await.unwrap();
    let report = transaction.rollback(&world.registry(), "regression", &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
    assert_eq!(world.contents()["a"], "old a");
}
