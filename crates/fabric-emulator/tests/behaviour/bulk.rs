//! Bulk import: many definitions in one request.

use serde_json::{Value, json};

use crate::bench::{Bench, notebook, part, platform};

fn request(names: &[(&str, &str, &str)], pairs_by_name: bool) -> Value {
    let parts: Vec<Value> = names
        .iter()
        .flat_map(|(root, name, text)| {
            [
                part(&format!("{root}/.platform"), &platform("Notebook", name)),
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
    ];
    for (body, expected) in cases {
        assert_eq!(bench.post(&path, &body).await.verdict(), expected, "{body}");
    }
    assert_eq!(bench.names(&bench.at("/items")).await, ["old"]);
}
