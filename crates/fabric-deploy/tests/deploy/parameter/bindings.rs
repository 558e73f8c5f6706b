//! `semantic_model_binding` and its older forms: which connections semantic models shall use.

use fabric_deploy::source::LoadedItems;

use super::{Folder, id, item};

fn folder(parameters: &str) -> Folder {
    let folder = Folder::new();
    for (number, name) in [(1, "A"), (2, "B")] {
        let directory = format!("{name}.SemanticModel");
        folder
            .item(&directory, "SemanticModel", name, &id(number))
            .file(&format!("{directory}/definition.pbism"), "{}")
            .file(&format!("{directory}/model.bim"), "{}");
    }
    folder.file("parameter.yml", parameters);
    folder
}

/// Who uses what: the first digit of each connection, with `!` where the model must have its source.
fn shown(items: &LoadedItems, name: &str) -> String {
    let connections = item(items, "SemanticModel", name).connections.iter();
    let shown =
        connections.map(|used| format!("{}{}", &used.id.to_string()[..1], if used.required { "!" } else { "" }));
    shown.collect::<Vec<_>>().join(" ")
}

/// `parameters`, with `#1` for the first id, loaded for `dev`.
fn load(parameters: &str) -> (String, Vec<String>) {
    let parameters =
        (1..=5).fold(parameters.to_owned(), |text, number| text.replace(&format!("#{number}"), &id(number)));
    let folder = folder(&parameters);
    let (items, diagnostics) = folder.load_with("dev", &|name| (name == "CONNECTION").then(|| id(5)));
    let findings = folder.findings(&diagnostics);
    let findings = findings.iter().map(|finding| finding.replace(" parameter.yml", "")).collect();
    let shown = items.map(|items| format!("A {}; B {}", shown(&items, "A"), shown(&items, "B")));
    (shown.unwrap_or_default(), findings)
}

#[test]
fn connections_and_findings() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("semantic_model_binding:\n  default:\n    connection_id: {dev: '#1', prod: '#2'}\n", "A 1; B 1", &[]),
        (
            "semantic_model_binding:\n  default:\n    connection_id: {_ALL_: ['#1', '#2']}\n  models:\n  \
             - semantic_model_name: B\n    connection_id: {dev: $ENV:CONNECTION, prod: $ENV:UNSET}\n",
            "A 1 2; B 5!",
            &[],
        ),
        (
            "semantic_model_binding:\n  default:\n    connection_id: {dev: '#1'}\n  models:\n  \
             - semantic_model_name: B\n    connection_id: {prod: '#2'}\n",
            "A 1; B 1",
            &["warning parameter-environment-missing:6"],
        ),
        (
            "semantic_model_binding:\n  models:\n  - semantic_model_name: [A, Gone]\n    connection_id: {dev: '#1'}\n  \
             - semantic_model_name: A\n    connection_id: {dev: ['#2', '#3']}\n",
            "A 2! 3!; B ",
            &["warning parameter-unused:3", "warning reference-outside-source:3"],
        ),
        (
            "semantic_model_binding:\n  models:\n  - semantic_model_name: Gone\n    connection_id: {dev: '#1'}\n",
            "A ; B ",
            &["warning parameter-unused:3"],
        ),
        (
            "semantic_model_binding:\n- semantic_model_name: [A, B]\n  connection_id: '#1'\n",
            "A 1!; B 1!",
            &["warning parameter-deprecated:1"],
        ),
        (
            "gateway_binding:\n- dataset_name: A\n  gateway_id: '#1'\nsemantic_model_binding:\n  default:\n    \
             connection_id: {dev: '#2'}\n",
            "A 1!; B 2",
            &["warning parameter-deprecated:1"],
        ),
        ("semantic_model_binding:\n  default: {}\n", "", &["error missing-key:2"]),
        ("semantic_model_binding: 5\n", "", &["error wrong-type:1"]),
        ("semantic_model_binding:\n  defalt: {}\n", "", &["error unknown-key:2"]),
        (
            "semantic_model_binding:\n  default:\n    connection_id:\n      dev: nonsense\n      prod: [5]\n  models:\n  \
             - connection_id: '#1'\n    name: A\n",
            "",
            &[
                "error parameter-bad-connection:4",
                "error wrong-type:5",
                "error missing-key:7",
                "error wrong-type:7",
                "error unknown-key:8",
            ],
        ),
        (
            "semantic_model_binding:\n- semantic_model_name: A\n  connection_id: {dev: '#1'}\n",
            "",
            &["warning parameter-deprecated:1", "error wrong-type:3"],
        ),
        (
            "gateway_binding:\n- gateway_id: x\n",
            "",
            &["warning parameter-deprecated:1", "error missing-key:2", "error parameter-bad-connection:2"],
        ),
        (
            "semantic_model_binding:\n  default:\n    connection_id: {dev: $ENV:UNSET}\n",
            "",
            &["error unset-variable:3"],
        ),
    ];
    for (parameters, expected, findings) in cases {
        let (shown, found) = load(parameters);
        assert_eq!((shown.as_str(), found.as_slice()), (*expected, to_owned(findings).as_slice()), "{parameters}");
    }
}

fn to_owned(findings: &[&str]) -> Vec<String> {
    findings.iter().map(|finding| (*finding).to_owned()).collect()
}

#[test]
fn a_template_speaks_last() {
    let folder = folder(&format!(
        "extend: [more.yml]\nsemantic_model_binding:\n  default:\n    connection_id: {{_ALL_: '{}'}}\n",
        id(1)
    ));
    folder
        .file("more.yml", format!("semantic_model_binding:\n  default:\n    connection_id: {{_ALL_: '{}'}}\n", id(2)));
    let (items, diagnostics) = folder.load("dev");
    assert_eq!(shown(&items.unwrap(), "A"), "2");
    assert_eq!(folder.findings(&diagnostics), ["warning parameter-unused parameter.yml:4"]);
}
