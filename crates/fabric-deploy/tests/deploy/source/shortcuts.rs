//! `shortcuts.metadata.json` of a lakehouse.

use serde_json::{Value, json};

use super::{Folder, id, item, text};

const ZERO: &str = "00000000-0000-0000-0000-000000000000";

fn lakehouse(shortcuts: &str) -> Folder {
    let folder = Folder::new();
    folder
        .item("L", "Lakehouse", "L", &id(1))
        .file("L/lakehouse.metadata.json", "{}")
        .file("L/shortcuts.metadata.json", shortcuts)
        .item("M", "Lakehouse", "M", &id(2))
        .file("M/lakehouse.metadata.json", "{}");
    folder
}

fn one_lake(name: &str, item: &str) -> Value {
    json!({ "path": "/Tables/dbo", "name": name,
            "target": { "type": "OneLake", "oneLake": { "itemId": item, "workspaceId": ZERO, "path": "Tables/x" } } })
}

#[test]
fn a_shortcut_refers_to_its_own_lakehouse_to_another_one_and_to_their_workspace() {
    let elsewhere = json!({ "path": "Files", "name": "c", "target": { "adlsGen2": { "location": "https://a" } },
                            "transform": { "type": "csvToDelta" } });
    let listed = json!([one_lake("a", ZERO), one_lake("b", &id(2)), elsewhere]);
    let items = lakehouse(&listed.to_string()).items("dev");
    let shortcuts = item(&items, "Lakehouse", "L").shortcuts.as_ref().unwrap();
    let read: Vec<(String, Value)> = shortcuts
        .iter()
        .map(|(key, shortcut)| (key.to_string(), serde_json::from_str(&text(&shortcut.content)).unwrap()))
        .collect();
    let target = |item: &str| {
        json!({ "target": { "type": "OneLake", "oneLake":
            { "itemId": item, "workspaceId": "<workspace>", "path": "Tables/x" } } })
    };
    let external =
        json!({ "target": { "adlsGen2": { "location": "https://a" } }, "transform": { "type": "csvToDelta" } });
    let expected = [
        ("Files/c".to_owned(), external),
        ("Tables/dbo/a".to_owned(), target("<L.Lakehouse>")),
        ("Tables/dbo/b".to_owned(), target("<M.Lakehouse>")),
    ];
    assert_eq!(read, expected);
    assert_eq!(item(&items, "Lakehouse", "M").shortcuts, None, "what is not described is left alone");
}

#[test]
fn parameters_change_shortcuts() {
    let folder = lakehouse(&json!([one_lake("a", &id(2))]).to_string());
    let entry = "find_replace:\n  - find_value: Tables/x\n    replace_value:\n      dev: Tables/y\n";
    folder.file("parameter.yml", entry);
    let items = folder.items("dev");
    let shortcuts = item(&items, "Lakehouse", "L").shortcuts.as_ref().unwrap();
    assert!(text(&shortcuts.values().next().unwrap().content).contains("Tables/y"));
}

#[test]
fn shortcuts_that_cannot_be_are_findings() {
    let target = json!({ "adlsGen2": {} });
    let listed = json!([
        { "name": "a", "target": target },
        { "path": "Files/../x", "name": "a", "target": target },
        { "path": "Files", "name": "b" },
        { "path": "Files", "name": "c", "target": target },
        { "path": "/Files/", "name": "c", "target": target },
    ]);
    for (text, expected) in [
        (listed.to_string(), vec!["malformed", "bad-path", "malformed", "duplicate"]),
        ("{}".to_owned(), vec!["malformed"]),
    ] {
        let folder = lakehouse(&text);
        let (items, diagnostics) = folder.load("dev");
        assert!(items.is_none());
        let mut found = folder.findings(&diagnostics);
        let mut expected: Vec<_> =
            expected.iter().map(|code| format!("error shortcut-{code} L/shortcuts.metadata.json")).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}
