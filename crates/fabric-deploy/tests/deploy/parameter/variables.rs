//! Values that the server decides, and values from the environment.

use super::{Folder, folder, id, notebook_text};

#[test]
fn variables_become_references() {
    for (variable, expected) in [
        ("$workspace.id", "<workspace>"),
        ("$workspace.$id", "<workspace>"),
        ("$workspace.$name", "<name>"),
        ("$workspace.$name_encoded", "<name, encoded>"),
        ("$workspace.Shared data.$id", "<Shared data/workspace>"),
        ("$workspace.Shared data", "<Shared data/workspace>"),
        ("$workspace.v1.2.$id", "<v1.2/workspace>"),
        ("$workspace.Shared.$items.Lakehouse.Gold.$id", "<Shared/Gold.Lakehouse>"),
        ("$items.Lakehouse.Bronze.$id", "<Bronze.Lakehouse>"),
        ("$items.Lakehouse.Bronze.id", "<Bronze.Lakehouse>"),
        ("$items.Lakehouse.Bronze.$SqlEndpoint", "<Bronze.Lakehouse SqlEndpoint>"),
        ("$items.Lakehouse.Bronze.$sqlendpointid", "<Bronze.Lakehouse SqlEndpointId>"),
        ("$items.Eventhouse.Live.$queryserviceuri", "<Live.Eventhouse QueryServiceUri>"),
        ("$items.Lakehouse.v1.2 final.$id", "<v1.2 final.Lakehouse>"),
        ("$items.Lakehouse.v1.2 final.id", "<v1.2 final.Lakehouse>"),
        ("$items.Lakehouse.$id.$id", "<$id.Lakehouse>"),
        ("plain $items", "plain $items"),
    ] {
        let folder =
            folder("[x]", &format!("find_replace:\n- find_value: x\n  replace_value: {{dev: '{variable}'}}\n"));
        assert_eq!(notebook_text(&folder.items("dev"), "A"), format!("[{expected}]"), "{variable}");
    }
}

#[test]
fn malformed_variables_are_refused() {
    for variable in [
        "$workspace",
        "$workspace.",
        "$workspace.$items.Lakehouse.A.$id",
        "$workspace.$colour",
        "$workspace.A.$name",
        "$items",
        "$items.",
        "$items.Lakehouse",
        "$items.Lakehouse.A",
        "$items.Lakehouse..$id",
        "$items..A.$id",
        "$x",
    ] {
        let folder =
            folder("[x]", &format!("find_replace:\n- find_value: x\n  replace_value: {{dev: '{variable}'}}\n"));
        let (items, diagnostics) = folder.load("dev");
        assert!(items.is_none(), "{variable}");
        assert_eq!(folder.findings(&diagnostics), ["error parameter-bad-variable parameter.yml:3"], "{variable}");
    }
}

#[test]
fn what_an_environment_variable_holds_is_never_read_as_a_variable() {
    let lookup = |name: &str| match name {
        "SECRET" => Some("$items.x ${y}\n".to_owned()),
        "NAME" => Some("Bronze".to_owned()),
        _ => None,
    };
    for (value, expected) in [
        ("$ENV:SECRET", "$items.x ${y}\n"),
        ("<$ENV:NAME-$ENV:NAME>", "<Bronze-Bronze>"),
        ("$items.Lakehouse.$ENV:NAME.$id", "<Bronze.Lakehouse>"),
    ] {
        let folder = folder("x", &format!("find_replace:\n- find_value: x\n  replace_value: {{dev: '{value}'}}\n"));
        let (items, diagnostics) = folder.load_with("dev", &lookup);
        assert_eq!(notebook_text(&items.unwrap_or_else(|| panic!("{diagnostics}")), "A"), expected);
    }
}

#[test]
fn an_item_that_gets_its_own_id_is_an_error() {
    let folder = folder("x", "find_replace:\n- find_value: x\n  replace_value: {dev: $items.Notebook.A.$id}\n");
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(folder.findings(&diagnostics), ["error self-reference A.Notebook/notebook-content.py"]);
}

#[test]
fn text_that_looks_like_a_stand_in_survives() {
    let stand_in = "fab00000-0000-4000-8000-000000000000";
    let folder = Folder::new();
    folder
        .notebook("A", &id(1), format!("{stand_in} {} fab00001- x", id(2)))
        .item("l", "Lakehouse", "L", &id(2))
        .file("parameter.yml", "find_replace:\n- find_value: x\n  replace_value: {dev: fab00002-0000}\n");
    assert_eq!(notebook_text(&folder.items("dev"), "A"), format!("{stand_in} <L.Lakehouse> fab00001- fab00002-0000"));
}
