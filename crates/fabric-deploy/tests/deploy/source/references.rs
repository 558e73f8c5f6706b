//! Ids of other items, the target workspace's id, and rings of references.

use super::{Folder, id, item, notebook_text, parts, text};

const ZERO: &str = "00000000-0000-0000-0000-000000000000";

#[test]
fn logical_ids_become_references_wherever_they_stand() {
    let (two, upper) = (id(10), id(10).to_uppercase());
    for (source, expected) in [
        (format!("lakehouse = \"{two}\""), "lakehouse = \"<B.Lakehouse>\"".to_owned()),
        (format!("{{{upper}}}/{two}x{two}"), "{<B.Lakehouse>}/<B.Lakehouse>x<B.Lakehouse>".to_owned()),
        (two.clone(), "<B.Lakehouse>".to_owned()),
        (two.replace('-', ""), two.replace('-', "")),
        (format!("ü{two}ü"), "ü<B.Lakehouse>ü".to_owned()),
        (format!("{ZERO} and {}", id(9)), format!("{ZERO} and {}", id(9))),
    ] {
        let folder = Folder::new();
        folder.notebook("A", &id(1), &source).item("b", "Lakehouse", "B", &two).item("c", "Lakehouse", "C", ZERO);
        assert_eq!(notebook_text(&folder.items("dev"), "A"), expected, "{source}");
    }
}

#[test]
fn the_all_zero_workspace_id_is_the_target() {
    for (source, expected) in [
        (format!("\"workspaceId\": \"{ZERO}\""), "\"workspaceId\": \"<workspace>\"".to_owned()),
        (
            format!("\"default_lakehouse_workspace_id\":\n  \"{ZERO}\""),
            "\"default_lakehouse_workspace_id\":\n  \"<workspace>\"".to_owned(),
        ),
        (format!("workspace = \"{ZERO}\""), "workspace = \"<workspace>\"".to_owned()),
        (format!("\"lakehouseId\": \"{ZERO}\""), format!("\"lakehouseId\": \"{ZERO}\"")),
        (format!("\"workspaceId\": \"{ZERO} \""), format!("\"workspaceId\": \"{ZERO} \"")),
        (format!("workspaceId {ZERO}"), format!("workspaceId {ZERO}")),
        (
            format!("\"workspaceId\":\"{ZERO}\",\"workspace\":\"{ZERO}\",\"x\":\"{ZERO}\""),
            format!("\"workspaceId\":\"<workspace>\",\"workspace\":\"<workspace>\",\"x\":\"{ZERO}\""),
        ),
    ] {
        let folder = Folder::new();
        folder.notebook("A", &id(1), &source);
        assert_eq!(notebook_text(&folder.items("dev"), "A"), expected, "{source}");
    }
}

#[test]
fn the_workspace_id_inside_the_actions_of_a_reflex() {
    let source = format!(r#"{{"a":"{{\"name\":\"workspaceId\",\"type\":\"string\",\"value\":\"{ZERO}\"}}"}}"#);
    let folder = Folder::new();
    folder.item("a", "Reflex", "A", &id(1)).file("a/ReflexEntities.json", &source);
    let items = folder.items("dev");
    assert_eq!(text(&parts(item(&items, "Reflex", "A"))[0].content), source.replace(ZERO, "<workspace>"));
}

#[test]
fn rings_are_named_with_their_files() {
    let folder = Folder::new();
    folder
        .notebook("A", &id(1), format!("run {}", id(2)))
        .notebook("B", &id(2), format!("run {}", id(3)))
        .notebook("C", &id(3), format!("run {}", id(1)))
        .notebook("D", &id(4), format!("run {} and {}", id(1), id(5)))
        .notebook("E", &id(5), "leaf");
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_none());
    assert_eq!(folder.findings(&diagnostics), ["error reference-cycle A.Notebook/notebook-content.py"]);
    let message = &diagnostics.iter().next().unwrap().message;
    assert!(message.contains("A.Notebook → B.Notebook → C.Notebook → A.Notebook"), "{message}");
    assert!(message.contains("C.Notebook/notebook-content.py"), "{message}");
}

#[test]
fn an_item_that_refers_to_itself() {
    let folder = Folder::new();
    folder.notebook("A", &id(1), format!("run {}", id(1)));
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_none());
    assert_eq!(folder.findings(&diagnostics), ["error self-reference A.Notebook/notebook-content.py"]);
}

#[test]
fn a_parent_that_refers_to_its_child_is_a_ring() {
    let folder = Folder::new();
    folder
        .item("X.Eventhouse", "Eventhouse", "X", &id(1))
        .file("X.Eventhouse/EventhouseProperties.json", format!("\"{}\"", id(2)))
        .item("X.Eventhouse/.children/Y.KQLDatabase", "KQLDatabase", "Y", &id(2));
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(folder.findings(&diagnostics), ["error reference-cycle X.Eventhouse/EventhouseProperties.json"]);
}

#[test]
fn long_chains_and_diamonds_are_no_rings() {
    let folder = Folder::new();
    let chain_id = |number: usize| format!("aaaaaaaa-0000-4000-8000-{number:012x}");
    for number in 0..400_usize {
        let needs = format!("{} {}", chain_id(number + 1), chain_id(number + 2));
        folder.notebook(&format!("N{number:03}"), &chain_id(number), needs);
    }
    let items = folder.items("dev");
    assert_eq!(notebook_text(&items, "N000"), "<N001.Notebook> <N002.Notebook>");
}
