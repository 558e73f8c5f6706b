//! A world that is kept, seeded, replaced.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use fabric_emulator::{ACTIVE_CAPACITY, Emulator, EmulatorBuilder};
use serde_json::{Value, json};

use crate::bench::{Bench, definition, notebook};

fn kept(folder: &Path) -> EmulatorBuilder {
    Emulator::builder().virtual_time(true).operation_duration(Duration::from_secs(10)).state_directory(folder)
}

/// The bench on a fresh emulator with the same folder.
async fn restarted(bench: Bench, folder: &Path) -> Bench {
    let workspace = bench.workspace;
    drop(bench.emulator);
    let mut bench = Bench::empty(kept(folder)).await;
    bench.workspace = workspace;
    bench
}

#[tokio::test]
async fn a_world_outlives_its_emulator() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(kept(folder.path())).await;
    let id = bench.make("/items", &notebook("n", "text")).await;
    let gone = bench.make("/folders", &json!({"displayName": "gone"})).await;
    bench.delete(&bench.at(&format!("/folders/{gone}"))).await;
    let update = json!({"definition": definition(&[("notebook-content.py", "new")])});
    let pending = bench.post(&bench.at(&format!("/items/{id}/updateDefinition")), &update).await;
    let before = bench.emulator.world();

    let bench = restarted(bench, folder.path()).await;
    assert_eq!(bench.emulator.world(), before);
    bench.finished(pending).await;
    assert_eq!(bench.definition(&id).await[0].1, "new");
    assert_eq!(bench.names(&bench.at("/folders")).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_torn_line_loses_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(kept(folder.path())).await;
    bench.make("/folders", &json!({"displayName": "whole"})).await;
    let whole = bench.emulator.world();
    let log = folder.path().join("world.jsonl");
    let length = std::fs::metadata(&log).unwrap().len();
    bench.make("/folders", &json!({"displayName": "torn"})).await;
    let torn = std::fs::read(&log).unwrap();
    for cut in [1, torn.len() - usize::try_from(length).unwrap() - 1] {
        let copy = tempfile::tempdir().unwrap();
        let mut file = std::fs::File::create(copy.path().join("world.jsonl")).unwrap();
        file.write_all(&torn[..torn.len() - cut]).unwrap();
        drop(file);
        let again = Bench::empty(kept(copy.path())).await;
        assert_eq!(again.emulator.world(), whole, "{cut} bytes cut");
        drop(again);
        assert_eq!(Bench::empty(kept(copy.path())).await.emulator.world(), whole, "and the log is whole again");
    }
}

#[tokio::test]
async fn a_damaged_log_is_not_taken_for_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    drop(Bench::with(kept(folder.path())).await);
    let log = folder.path().join("world.jsonl");
    let text = std::fs::read_to_string(&log).unwrap();
    let mut file = std::fs::File::create(&log).unwrap();
    file.write_all(text.replacen('{', "?", 1).as_bytes()).unwrap();
    let error = kept(folder.path()).start().await.unwrap_err();
    assert!(error.to_string().contains("line 1"), "{error}");
}

#[tokio::test]
async fn one_change_costs_one_line_however_large_the_world() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::with(kept(folder.path())).await;
    bench.make("/items", &notebook("large", &"x".repeat(100_000))).await;
    let log = folder.path().join("world.jsonl");
    let before = std::fs::metadata(&log).unwrap().len();
    let items = bench.get(&bench.at("/items")).await.json();
    let id = items["value"][0]["id"].as_str().unwrap();
    for name in ["a", "b", "c"] {
        bench.patch(&bench.at(&format!("/items/{id}")), &json!({"displayName": name})).await;
    }
    let growth = std::fs::metadata(&log).unwrap().len() - before;
    assert!(growth < 10_000, "three renames cost {growth} bytes");
    bench.get(&bench.at("/items")).await;
    assert_eq!(std::fs::metadata(&log).unwrap().len() - before, growth, "reading costs nothing");
}

#[tokio::test]
async fn a_world_can_be_copied() {
    let bench = Bench::new().await;
    bench.make("/items", &notebook("n", "text")).await;
    bench.make("/lakehouses", &json!({"displayName": "l"})).await;
    let world = bench.get("/_emulator/world").await.json();
    assert_eq!(world, bench.emulator.world());
    let copy = Bench::empty(Emulator::builder().seed(world.clone())).await;
    assert_eq!(copy.emulator.world(), world);
    let other = Bench::empty(Emulator::builder()).await;
    assert_eq!(other.send(reqwest::Method::PUT, "/_emulator/world", Some(&world)).await.status, 200);
    assert_eq!(other.emulator.world(), world);
}

#[tokio::test]
async fn a_seed_may_say_little() {
    let workspace = "10000000-0000-4000-8000-000000000001";
    let seed = json!({
        "workspaces": [{"id": workspace, "displayName": "W", "capacityId": ACTIVE_CAPACITY}],
        "items": [
            {"workspaceId": workspace, "type": "Notebook", "displayName": "n",
             "definition": {"parts": [{"path": "notebook-content.py", "text": "x"}]}},
            {"workspaceId": workspace, "type": "FromTheFuture", "displayName": "f"},
        ],
    });
    let mut bench = Bench::empty(Emulator::builder().seed(seed)).await;
    workspace.clone_into(&mut bench.workspace);
    assert_eq!(bench.names(&bench.at("/items")).await, ["f", "n"]);
    let items = bench.get(&bench.at("/items")).await.json();
    for item in items["value"].as_array().unwrap() {
        let path = bench.at(&format!("/items/{}/getDefinition", item["id"].as_str().unwrap()));
        let read = bench.post(&path, &Value::Null).await;
        let expected = if item["type"] == "Notebook" { "202" } else { "400 OperationNotSupportedForItem" };
        assert_eq!(read.verdict(), expected);
    }
}

#[tokio::test]
async fn a_seed_with_a_mistake_is_refused_with_its_place() {
    let cases = [
        (json!([]), "the document"),
        (json!({"nonsense": []}), "unknown section `nonsense`"),
        (json!({"items": {}}), "`items` must be an array"),
        (json!({"workspaces": [{"displayName": "a"}, {}]}), "`workspaces[1]`"),
    ];
    for (seed, expected) in cases {
        let error = Emulator::builder().seed(seed).start().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
