//! Bulk import: many definitions in one request.

use fabric_emulator::{Fault, FaultKind, FaultMatch, ImportPartly};
use serde_json::{Value, json};

use crate::bench::{Bench, notebook, part};

/// A `.platform` with a logical id of its own.
fn platform(name: &str, number: usize) -> String {
    json!({
        "metadata": {"type": "Notebook", "displayName": name},
        "config": {"version": "2.0", "logicalId": format!("10000000-0000-4000-8000-{number:012}")},
    })
    .to_string()
}

fn request(names: &[(&str, &str, &str)], pairs_by_name: bool) -> Value {
    let parts: Vec<Value> = names
        .iter()
        .enumerate()
        .flat_map(|(number, (root, name, text))| {
            [
                part(&format!("{root}/.platform"), &platform(name, number)),
                part(&format!("{root}/notebook-content.py"), text),
            ]
        })
        .collect();
    json!({"definitionParts": parts, "options": {"allowPairingByName": pairs_by_name}})
}

#[tokio::test]
async fn an_import_creates_updates_and_puts_items_into_folders() {
    let bench = Bench::slow().await;
    let old = bench.make("/items", &notebook("old", "before")).await;
    let path = bench.at("/items/bulkImportDefinitions?beta=true");
    let body = request(&[("/a/b/new.Notebook", "new", "1"), ("/old.Notebook", "old", "after")], true);
    let answer = bench.post(&path, &body).await;
    assert_eq!(answer.status, 202);
    assert_eq!(bench.names(&bench.at("/items")).await, ["old"], "nothing happens before the operation completes");
    let details = bench.finished(answer).await.json();
    let mut done: Vec<(String, String)> = details["importItemDefinitionsDetails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (row["itemDisplayName"].as_str().unwrap().to_owned(), row["operationType"].as_str().unwrap().to_owned())
        })
        .collect();
    done.sort();
    assert_eq!(done, [("new".to_owned(), "Create".to_owned()), ("old".to_owned(), "Update".to_owned())]);
    assert_eq!(bench.names(&bench.at("/items")).await, ["new", "old"]);
    assert_eq!(bench.names(&bench.at("/folders")).await, ["a", "b"]);
    assert_eq!(bench.definition(&old).await[0].1, "after");
}

#[tokio::test]
async fn an_import_is_refused_whole() {
    let bench = Bench::new().await;
    bench.make("/items", &notebook("old", "before")).await;
    let path = bench.at("/items/bulkImportDefinitions?beta=true");
    let lone = json!({"definitionParts": [part("/x.Notebook/notebook-content.py", "x")]});
    let cases = [
        (
            request(&[("/a.Notebook", "same", "1"), ("/b.Notebook", "same", "2")], true),
            "400 DuplicateDisplayNameAndType",
        ),
        (
            request(&[("/new.Notebook", "new", "1"), ("/old.Notebook", "old", "2")], false),
            "409 ItemDisplayNameAlreadyInUse",
        ),
        (request(&[("/a/b", "n", "1")], true), "400 InvalidFilesPath"),
        (lone, "400 InvalidPlatformFile"),
        (json!({"definitionParts": []}), "400 MissingDefinitionParts"),
        (
            json!({"definitionParts": [
                part("/x.Notebook/.platform", &platform("x", 1)), part("/x.Notebook/notebook-content.py", "x"),
                part("/y.Notebook/.platform", &platform("y", 1)), part("/y.Notebook/notebook-content.py", "y"),
            ]}),
            "400 InvalidPlatformFile",
        ),
        (request(&[("/a.Warehouse", "a", "1")], true), "400 OperationNotSupportedForItem"),
        (
            request(
                &[
                    ("/a.Notebook", "a", "reads 10000000-0000-4000-8000-000000000001"),
                    ("/b.Notebook", "b", "reads 10000000-0000-4000-8000-000000000000"),
                ],
                true,
            ),
            "400 DependenciesCouldNotBeResolved",
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(bench.post(&path, &body).await.verdict(), expected, "{body}");
    }
    assert_eq!(bench.names(&bench.at("/items")).await, ["old"]);
}

#[tokio::test]
async fn an_import_says_of_each_item_how_it_ended() {
    let bench = Bench::new().await;
    let old = bench.make("/items", &notebook("b", "before")).await;
    let path = bench.at("/items/bulkImportDefinitions?beta=true");
    let body = request(&[("/a.Notebook", "a", "1"), ("/b.Notebook", "b", "2"), ("/c.Notebook", "c", "3")], true);
    let mut seen = Vec::new();
    for despite in [false, true] {
        let matching = FaultMatch { operation: Some("BulkImportItemDefinitions".to_owned()), ..FaultMatch::default() };
        let kind = FaultKind::ImportPartly(ImportPartly { every: 2, despite });
        bench.emulator.set_faults(vec![Fault { matching, kind }]);
        let answer = bench.post(&path, &body).await;
        assert_eq!(answer.status, 202);
        let details = bench.finished(answer).await.json();
        for row in details["importItemDefinitionsDetails"].as_array().unwrap() {
            seen.push(format!("{} {}", row["itemDisplayName"], row["operationStatus"]).replace('"', ""));
        }
    }
    let failed = ["a Failed", "b Succeeded", "c Failed"];
    assert_eq!(seen[..3], failed);
    assert_eq!(seen[3..], ["a SucceededDespiteFailures", "b Succeeded", "c SucceededDespiteFailures"]);
    assert_eq!(bench.definition(&old).await[0].1, "2");
}
