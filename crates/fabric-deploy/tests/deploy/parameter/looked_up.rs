//! Rules that look for what only the service knows.

use std::collections::HashMap;

use fabric_deploy::content::{Attribute, NameEncoding, Reference, WorkspaceRef};
use fabric_deploy::desired::ItemKey;
use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::source::{LoadedItems, SourceRequest, load};

use super::{Folder, folder, id, notebook_text};

/// The folder's items, after the service gave these answers.
fn asked(folder: &Folder, answers: &HashMap<Reference, String>) -> (Option<LoadedItems>, Diagnostics) {
    load(&SourceRequest {
        root: folder.root(),
        parameters: None.into(),
        environment: "dev",
        lookup_env: &|_| None,
        looked_up: Some(answers),
        named_by: None,
    })
}

fn rule(find: &str, more: &str) -> String {
    format!("find_replace:\n- find_value: {find}\n  {more}\n  replace_value: {{dev: new}}\n")
}

fn other(name: &str) -> WorkspaceRef {
    WorkspaceRef::Named(name.to_owned())
}

#[test]
fn a_rule_looks_for_the_value_once_it_is_known() {
    let gold = Reference::Item {
        workspace: other("Shared"),
        key: ItemKey::new("Lakehouse", "Gold"),
        attribute: Attribute::SqlEndpoint,
    };
    for (find, more, sought, value, expected) in [
        ("$workspace.$id", "item_type: Notebook", Reference::WorkspaceId(WorkspaceRef::Target), id(7), "[new] [new]"),
        ("$workspace.Shared", "item_name: A", Reference::WorkspaceId(other("Shared")), id(7), "[new] [new]"),
        ("$workspace.Shared.$id", "", Reference::WorkspaceId(other("Shared")), id(8), "[VALUE] [VALUE]"),
        (
            "$workspace.Shared.$id",
            "item_type: Notebook",
            Reference::WorkspaceId(other("Shared")),
            id(9),
            "[VALUE] [VALUE]",
        ),
        ("$workspace.Shared.$items.Lakehouse.Gold.$sqlendpoint", "", gold, id(7), "[new] [new]"),
        ("$workspace.$name", "", Reference::WorkspaceName { encoding: NameEncoding::Plain }, id(7), "[new] [new]"),
    ] {
        let text = format!("[{0}] [{0}]", id(7));
        let folder = folder(&text, &rule(find, more));
        let (before, diagnostics) = folder.load("dev");
        let before = before.unwrap_or_else(|| panic!("{diagnostics}"));
        assert_eq!(folder.findings(&diagnostics), ["warning parameter-not-looked-for parameter.yml:2"], "{find}");
        assert_eq!(before.sought.iter().collect::<Vec<_>>(), [&sought], "{find}");
        assert_eq!(notebook_text(&before, "A"), text, "nothing is known yet");

        let (after, diagnostics) = asked(&folder, &HashMap::from([(sought, value)]));
        let after = after.unwrap_or_else(|| panic!("{diagnostics}"));
        assert!(after.sought.is_empty());
        assert_eq!(notebook_text(&after, "A"), expected.replace("VALUE", &id(7)), "{find} {more}");
        let unused = folder.findings(&diagnostics) == ["warning parameter-unused parameter.yml:2"];
        assert_eq!(unused, expected.contains("VALUE"), "{diagnostics}");
    }
}

#[test]
fn the_case_of_a_value_may_be_ignored() {
    let folder = folder(&id(10).to_uppercase(), &rule("$workspace.Shared", "ignore_case: true"));
    let answers = HashMap::from([(Reference::WorkspaceId(other("Shared")), id(10))]);
    assert_eq!(notebook_text(&asked(&folder, &answers).0.unwrap(), "A"), "new");
}

#[test]
fn what_has_no_value_is_an_error_and_a_workspace_that_is_yet_to_come_a_warning() {
    for (find, finding) in [
        ("$workspace.$id", "warning parameter-unused parameter.yml:2"),
        ("$workspace.Nowhere", "error parameter-value-not-found parameter.yml:2"),
    ] {
        let folder = folder("x", &rule(find, ""));
        let (items, diagnostics) = asked(&folder, &HashMap::new());
        assert_eq!(folder.findings(&diagnostics), [finding]);
        assert_eq!(items.is_none(), finding.starts_with("error"));
    }
}

#[test]
fn an_entry_that_does_not_apply_looks_for_nothing() {
    let folder = folder("x", "find_replace:\n- find_value: $workspace.Nowhere\n  replace_value:\n    prod: new\n");
    for (items, diagnostics) in [folder.load("dev"), asked(&folder, &HashMap::new())] {
        assert!(items.unwrap().sought.is_empty());
        assert_eq!(folder.findings(&diagnostics), ["warning parameter-environment-missing parameter.yml:4"]);
    }
}

#[test]
fn forms_that_cannot_be_looked_for_are_refused_with_their_line() {
    for (find, more, code) in [
        ("$items.Lakehouse.Gold.$id", "", "parameter-not-supported"),
        ("$workspace.Shared", "is_regex: true", "parameter-not-supported"),
        ("$workspace.$colour", "", "parameter-bad-variable"),
        ("$workspace.", "", "parameter-bad-variable"),
    ] {
        let folder = folder("x", &rule(find, more));
        let (items, diagnostics) = folder.load("dev");
        assert!(items.is_none());
        assert_eq!(folder.findings(&diagnostics), [format!("error {code} parameter.yml:2")], "{find}");
    }
}
