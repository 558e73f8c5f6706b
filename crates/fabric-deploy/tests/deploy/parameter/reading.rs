//! What can be wrong with a parameter file: the kind of finding and the line.

use super::{Folder, folder, id};

#[test]
fn findings_with_their_lines() {
    let cases: &[(&str, &[&str])] = &[
        ("", &[]),
        ("# nothing but a comment\n", &[]),
        ("find_replace: [\n", &["error yaml-syntax:1"]),
        ("- a\n", &["error wrong-type:1"]),
        ("find_replce: []\n", &["error unknown-key:1"]),
        ("find_replace: {}\n", &["error wrong-type:1"]),
        ("find_replace:\n- text\n", &["error wrong-type:2"]),
        ("find_replace:\n- {}\n", &["error missing-key:2", "error missing-key:2"]),
        ("find_replace:\n- find_value: x\n  replace_value:\n    dev: y\n  extra: 1\n", &["error unknown-key:5"]),
        ("find_replace:\n- find_value: ''\n  replace_value:\n    dev: y\n", &["error parameter-empty-find:2"]),
        ("find_replace:\n- find_value: 12\n  replace_value:\n    dev: y\n", &["error wrong-type:2"]),
        ("find_replace:\n- find_value: x\n  replace_value:\n    dev: y\n    prod: 5\n", &["error wrong-type:5"]),
        ("find_replace:\n- find_value: x\n  replace_value:\n    dev: ''\n", &["warning parameter-empty-value:4"]),
        ("find_replace:\n- find_value: x\n  replace_value:\n    dev:\n", &["warning parameter-environment-missing:4"]),
        (
            "key_value_replace:\n- find_key: $.a\n  replace_value:\n    _ALL_: null\n",
            &["warning parameter-environment-missing:4"],
        ),
        ("find_replace:\n- find_value: x\n  replace_value: y\n", &["error wrong-type:3"]),
        (
            "find_replace:\n- find_value: x\n  replace_value:\n    prod: y\n",
            &["warning parameter-environment-missing:4"],
        ),
        (
            "find_replace:\n- find_value: x\n  replace_value:\n    _all_: y\n    dev: z\n",
            &["error parameter-all-with-others:4"],
        ),
        ("find_replace:\n- find_value: x\n  replace_value:\n    dev: y\n    DEV: z\n", &["error duplicate-key:5"]),
        ("find_replace: []\nfind_replace: []\n", &["error duplicate-key:2"]),
        (
            "find_replace:\n- find_value: '('\n  is_regex: 'true'\n  replace_value: {dev: y}\n",
            &["error parameter-bad-regex:2"],
        ),
        (
            "find_replace:\n- find_value: '(?=x)(y)'\n  is_regex: true\n  replace_value: {dev: y}\n",
            &["warning parameter-unused:2"],
        ),
        (
            "find_replace:\n- find_value: 'x'\n  is_regex: 'true'\n  replace_value: {dev: y}\n",
            &["error parameter-regex-groups:2"],
        ),
        (
            "find_replace:\n- find_value: '(x)(y)'\n  is_regex: 'true'\n  replace_value: {dev: y}\n",
            &["error parameter-regex-groups:2"],
        ),
        ("find_replace:\n- find_value: '(x)'\n  is_regex: maybe\n  replace_value: {dev: y}\n", &["error wrong-type:3"]),
        (
            "find_replace:\n- find_value: $items.Notebook.A.$id\n  replace_value: {dev: y}\n",
            &["error parameter-not-supported:2"],
        ),
        (
            "find_replace:\n- find_value: x\n  replace_value: {dev: y}\n  item_type: [Notebook, 5]\n",
            &["error wrong-type:4"],
        ),
        (
            "find_replace:\n- find_value: x\n  replace_value: {dev: y}\n  file_path: ../out.py\n",
            &["error parameter-bad-path:4"],
        ),
        (
            "find_replace:\n- find_value: x\n  replace_value: {dev: y}\n  file_path: 'a[b'\n",
            &["error parameter-bad-path:4"],
        ),
        ("find_replace:\n- find_value: nowhere\n  replace_value: {dev: y}\n", &["warning parameter-unused:2"]),
        ("find_replace:\n- find_value: x\n  replace_value:\n    dev: $nonsense\n", &["error parameter-bad-variable:4"]),
        (
            "find_replace:\n- find_value: x\n  replace_value:\n    dev: $items.Notebook.B.$colour\n",
            &["error parameter-bad-variable:4"],
        ),
        ("find_replace:\n- find_value: x\n  replace_value:\n    dev: $ENV:UNSET\n", &["error unset-variable:4"]),
        (
            "find_replace:\n- find_value: 'a ${secret:key}'\n  replace_value: {dev: y}\n",
            &["warning parameter-unused:2", "error secret-not-here:2"],
        ),
        (
            "find_replace:\n- find_value: x\n  replace_value:\n    dev: 'a ${secret:key'\n",
            &["error parameter-bad-variable:4"],
        ),
        (
            "find_replace:\n- find_value: x\n  replace_value:\n    dev: '$items.Notebook.B.$id ${secret:key}'\n",
            &["error parameter-bad-variable:4"],
        ),
        (
            "find_replace:\n- find_value: x\n  replace_value:\n    dev: $items.Lakehouse.Gone.$id\n",
            &["warning reference-outside-source:2"],
        ),
        ("key_value_replace:\n- find_key: a.b\n  replace_value: {dev: y}\n", &["error parameter-bad-json-path:2"]),
        (
            "key_value_replace:\n- find_key: $.a[0:2:0]\n  replace_value: {dev: y}\n",
            &["error parameter-bad-json-path:2"],
        ),
        (
            "key_value_replace:\n- find_key: $.a where $.b\n  replace_value: {dev: y}\n",
            &["error parameter-bad-json-path:2"],
        ),
        (
            "key_value_replace:\n- find_key: $.a[?(@.b =~ '(')]\n  replace_value: {dev: y}\n",
            &["error parameter-bad-json-path:2"],
        ),
        (
            "key_value_replace:\n- find_key: $.a\n  replace_value:\n    dev: '5'\n    prod: 5\n    test: [5]\n",
            &["warning parameter-unused:2", "error parameter-mixed-kinds:5", "error parameter-mixed-kinds:6"],
        ),
        (
            "key_value_replace:\n- find_key: $.a\n  replace_value: {dev: ''}\n",
            &["warning parameter-unused:2", "warning parameter-empty-value:3"],
        ),
        (
            "key_value_replace:\n- find_key: $.a\n  replace_value: {dev: {b: [$ENV:UNSET]}}\n",
            &["error unset-variable:3"],
        ),
        ("extend:\n- missing.yml\n", &["error file-not-found:2"]),
    ];
    for (parameters, expected) in cases {
        let folder = folder("x\n", parameters);
        let (items, diagnostics) = folder.load("dev");
        let found: Vec<_> =
            folder.findings(&diagnostics).iter().map(|finding| finding.replace(" parameter.yml", "")).collect();
        assert_eq!(found, *expected, "{parameters}");
        assert_eq!(items.is_some(), !diagnostics.has_errors(), "{parameters}");
    }
}

#[test]
fn all_findings_come_at_once() {
    let folder =
        folder("x", "find_replace:\n- find_value: ''\n  replace_value: {dev: 1}\n  oops: 1\nspark_pool: [1]\n");
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(
        folder.findings(&diagnostics),
        [
            "error parameter-empty-find parameter.yml:2",
            "error wrong-type parameter.yml:3",
            "error unknown-key parameter.yml:4",
            "error wrong-type parameter.yml:5",
        ]
    );
}

#[test]
fn templates_add_entries_one_level_deep() {
    let entry =
        |find: &str, new: &str| format!("find_replace:\n- find_value: {find}\n  replace_value: {{_ALL_: {new}}}\n");
    let folder = folder("a_b", &format!("extend: [shared/one.yml]\n{}", entry("a", "one")));
    folder.file("shared/one.yml", entry("b", "two"));
    assert_eq!(super::notebook_text(&folder.items("dev"), "A"), "one_two");

    folder.file("parameter.yml", format!("extend:\n- shared/one.yml\n- shared/one.yml\n{}", entry("a", "one")));
    let (items, diagnostics) = folder.load("dev");
    assert_eq!(super::notebook_text(&items.unwrap(), "A"), "one_two");
    assert_eq!(folder.findings(&diagnostics), ["warning parameter-template-repeated parameter.yml:3"]);

    folder.file("shared/one.yml", "extend: [two.yml]\n");
    let (_, diagnostics) = folder.load("dev");
    assert!(folder.findings(&diagnostics).contains(&"error parameter-nested-extend shared/one.yml:1".to_owned()));
}

#[test]
fn a_named_parameter_file_must_exist() {
    let folder = Folder::new();
    folder.notebook("A", &id(1), "x");
    let missing = folder.root().join("other.yml");
    let (items, diagnostics) = fabric_deploy::source::load(&fabric_deploy::source::SourceRequest {
        root: folder.root(),
        parameters: Some(missing.as_path()).into(),
        environment: "dev",
        lookup_env: &|_| None,
        looked_up: None,
        named_by: None,
    });
    assert!(items.is_none());
    assert_eq!(folder.findings(&diagnostics), ["error file-not-found other.yml"]);
}
