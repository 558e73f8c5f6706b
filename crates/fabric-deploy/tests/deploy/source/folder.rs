//! Which directories are items, where they live, and which files belong to them.

use fabric_deploy::content::{Content, Segment};
use fabric_deploy::desired::{FolderPath, ItemKey};

use super::{Folder, below, id, item, parts, paths};

fn folder_of(names: &[&str]) -> Option<FolderPath> {
    Some(FolderPath(names.iter().map(|name| (*name).to_owned()).collect()))
}

#[test]
fn directories_above_an_item_are_its_folder() {
    let folder = Folder::new();
    folder
        .item("Root.CopyJob", "CopyJob", "Root", &id(1))
        .file("Root.CopyJob/copyjob-content.json", "{}")
        .item("Bronze/Raw data/whatever", "Notebook", "Deep", &id(2))
        .file("Bronze/Raw data/whatever/notebook-content.py", "x")
        .file("Bronze/README.md", "not part of any item")
        .file("parameter.yml", "");
    let items = folder.items("dev");
    assert_eq!(items.items.len(), 2);
    assert_eq!(item(&items, "CopyJob", "Root").folder, folder_of(&[]));
    let deep = item(&items, "Notebook", "Deep");
    assert_eq!(deep.folder, folder_of(&["Bronze", "Raw data"]));
    assert_eq!(deep.source, below(&folder, "Bronze/Raw data/whatever"));
    assert_eq!(deep.logical_id.unwrap().to_string(), id(2));
}

#[test]
fn nested_items_belong_to_their_parent_and_share_its_folder() {
    let folder = Folder::new();
    folder
        .item("Live/X.Eventhouse", "Eventhouse", "X", &id(1))
        .file("Live/X.Eventhouse/EventhouseProperties.json", "{}")
        .file("Live/X.Eventhouse/.children/stray.txt", "excluded")
        .item("Live/X.Eventhouse/.children/Y.KQLDatabase", "KQLDatabase", "Y", &id(2))
        .file("Live/X.Eventhouse/.children/Y.KQLDatabase/DatabaseProperties.json", format!("{{\"p\":\"{}\"}}", id(1)));
    let items = folder.items("dev");
    let (house, database) = (item(&items, "Eventhouse", "X"), item(&items, "KQLDatabase", "Y"));
    assert_eq!(paths(house), ["EventhouseProperties.json"]);
    assert_eq!(house.parents, []);
    assert_eq!(database.parents, [ItemKey::new("Eventhouse", "X")]);
    assert_eq!(database.folder, folder_of(&["Live"]));
    assert_eq!(super::text(&parts(database)[0].content), "{\"p\":\"<X.Eventhouse>\"}");
}

#[test]
fn the_root_itself_may_be_an_item() {
    let folder = Folder::new();
    folder.item(".", "Notebook", "Only", &id(1)).file("notebook-content.py", "x").file("sub/more.txt", "y");
    let items = folder.items("dev");
    let only = item(&items, "Notebook", "Only");
    assert_eq!(paths(only), ["notebook-content.py", "sub/more.txt"]);
    assert_eq!(only.folder, folder_of(&[]));
}

#[test]
fn hidden_files_belong_to_an_item_and_local_state_does_not() {
    for (item_type, local, files) in [
        ("Environment", ".pbi/kept.json", vec![".hidden", ".pbi/kept.json"]),
        ("DataAgent", ".pbi/state.json", vec![".hidden"]),
        ("DataAgent", "Files/.pbi/state.json", vec![".hidden"]),
    ] {
        let folder = Folder::new();
        folder.item("a", item_type, "A", &id(1)).file("a/.hidden", "x").file(&format!("a/{local}"), "{}");
        folder.file("a/.git/config", "never");
        assert_eq!(paths(item(&folder.items("dev"), item_type, "A")), files, "{item_type} {local}");
    }
}

#[test]
fn binary_files_pass_through_even_where_they_contain_an_id() {
    let folder = Folder::new();
    let mut wheel = id(1).into_bytes();
    wheel.extend([0, 159, 146, 150]);
    let latin = [id(1).as_bytes(), &[0xe9]].concat();
    folder.notebook("A", &id(1), "x").item("e", "Environment", "E", &id(2));
    folder.file("e/Libraries/a.whl", &wheel).file("e/Libraries/b.txt", &latin);
    let items = folder.items("dev");
    let contents: Vec<_> = parts(item(&items, "Environment", "E")).iter().map(|part| part.content.clone()).collect();
    assert_eq!(contents, [Content::literal(wheel), Content::literal(latin)]);
}

#[test]
fn a_file_without_matches_is_one_literal_run() {
    let folder = Folder::new();
    let text = "# 12345678-1234-1234-1234-123456789012\r\n\u{feff}fab00000-0000-4000-8000-000000000000\n";
    folder.notebook("A", &id(1), text);
    let items = folder.items("dev");
    let content = &parts(item(&items, "Notebook", "A"))[0].content;
    assert_eq!(content.segments(), [Segment::Literal(text.as_bytes().to_vec())]);
}

#[cfg(unix)]
#[test]
fn links_inside_the_folder_are_read() {
    let folder = Folder::new();
    folder.file("shared/code.py", "shared").item("A.Notebook", "Notebook", "A", &id(1));
    std::os::unix::fs::symlink("../shared/code.py", folder.root().join("A.Notebook/notebook-content.py")).unwrap();
    assert_eq!(super::notebook_text(&folder.items("dev"), "A"), "shared");
}
