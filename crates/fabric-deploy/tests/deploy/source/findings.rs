//! Everything that can be wrong with a folder: the kind of finding, the file and the line.

use super::{Folder, id};

fn platform(metadata: &str, config: &str) -> String {
    format!("{{\n  \"metadata\": {metadata},\n  \"config\": {config}\n}}")
}

/// One item's `.platform`, and what is found in it.
#[test]
fn platform_files() {
    let good_config = format!("{{\n\"version\": \"2.0\",\n\"logicalId\": \"{}\"}}", id(1));
    let good_metadata = "{\n\"type\": \"Environment\",\n\"displayName\": \"A\"}";
    let long = "n".repeat(257);
    let cases: Vec<(String, Vec<&str>)> = vec![
        ("{\n  \"metadata\": {,}\n}".into(), vec!["error platform-not-json a/.platform:2"]),
        (String::new(), vec!["error platform-not-json a/.platform:1"]),
        ("[]".into(), vec!["error platform-not-json a/.platform:1"]),
        ("{}".into(), vec!["error logical-id-missing a/.platform:1", "error platform-missing-metadata a/.platform:1"]),
        (
            platform("{\n\"type\": \"\",\n\"displayName\": \" \"}", &good_config),
            vec!["error platform-missing-type a/.platform:3", "error platform-missing-name a/.platform:4"],
        ),
        (
            platform("{}", &good_config),
            vec!["error platform-missing-name a/.platform:2", "error platform-missing-type a/.platform:2"],
        ),
        (
            platform(
                "{\n\"type\": 5,\n\"displayName\": [],\n\"description\": {},\n\"creationPayload\": 1}",
                &good_config,
            ),
            vec![
                "error platform-wrong-type a/.platform:3",
                "error platform-wrong-type a/.platform:4",
                "error platform-wrong-type a/.platform:5",
                "error platform-wrong-type a/.platform:6",
            ],
        ),
        (
            platform("{\n\"type\": \"Note book\",\n\"displayName\": \"A\"}", &good_config),
            vec!["error platform-bad-type a/.platform:3"],
        ),
        (
            platform(
                &format!("{{\n\"type\": \"Environment\",\n\"displayName\": \"{long}\",\n\"description\": \"{long}\"}}"),
                &good_config,
            ),
            vec!["error name-too-long a/.platform:4", "error description-too-long a/.platform:5"],
        ),
        (platform(good_metadata, "{\n\"logicalId\": \"\"}"), vec!["error logical-id-missing a/.platform:6"]),
        (platform(good_metadata, "{\n\"logicalId\": null}"), vec!["error logical-id-missing a/.platform:5"]),
        (platform(good_metadata, "{\n\"logicalId\": \"nonsense\"}"), vec!["error logical-id-malformed a/.platform:6"]),
        (
            platform(good_metadata, "{\n\"logicalId\": \"11111111111141118111111111111111\"}"),
            vec!["error logical-id-malformed a/.platform:6"],
        ),
        (platform(good_metadata, "{\n\"logicalId\": \"00000000-0000-0000-0000-000000000000\"}"), vec![]),
        (
            platform(
                "{\n\"type\": \"Environment\",\n\"displayName\": \"A\",\n\"displayname\": \"B\"}",
                &format!("{{\"extra\":1, \"logicalId\": \"{}\"}}", id(1)),
            ),
            vec!["warning platform-unknown-key a/.platform:5", "warning platform-unknown-key a/.platform:6"],
        ),
        (format!("\u{feff}{}", platform(good_metadata, &good_config)), vec![]),
    ];
    for (text, expected) in cases {
        let folder = Folder::new();
        folder.file("a/.platform", &text);
        let (items, diagnostics) = folder.load("dev");
        assert_eq!(folder.findings(&diagnostics), expected, "{text}");
        assert_eq!(items.is_some(), !diagnostics.has_errors(), "{text}");
    }
}

#[test]
fn platform_that_is_not_text() {
    let folder = Folder::new();
    folder.file("a/.platform", [0xff, 0xfe]);
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(folder.findings(&diagnostics), ["error platform-not-json a/.platform"]);
}

#[test]
fn every_place_of_a_duplicate_is_named() {
    let folder = Folder::new();
    folder.item("a", "Environment", "A", &id(1)).item("b", "Environment", "B", &id(1).to_uppercase());
    folder.item("c", "Environment", "C", &id(2)).item("x/c", "Environment", "c", &id(3));
    folder.item("d", "DataAgent", "C", &id(4)).item("e", "DataAgent", "C", &id(5));
    let zero = "00000000-0000-0000-0000-000000000000";
    folder.item("f", "Environment", "F", zero).item("g", "Environment", "G", zero);
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_none());
    assert_eq!(
        folder.findings(&diagnostics),
        [
            "error duplicate-logical-id a/.platform:9",
            "error duplicate-logical-id b/.platform:9",
            "error duplicate-item c/.platform",
            "error duplicate-item d/.platform",
            "error duplicate-item e/.platform",
            "error duplicate-item x/c/.platform",
        ]
    );
    let first = diagnostics.iter().next().unwrap();
    assert!(first.message.contains("b/.platform") && !first.message.contains("a/.platform"), "{first}");
}

#[test]
fn power_bi_names_may_differ_in_case_alone() {
    let folder = Folder::new();
    for (directory, name, number) in [("a", "Sales", 1), ("b", "sales", 2)] {
        folder.item(directory, "PaginatedReport", name, &id(number)).file(&format!("{directory}/x.rdl"), "<r/>");
    }
    assert_eq!(folder.items("dev").items.len(), 2);
    folder.item("f/c", "PaginatedReport", "Sales", &id(3)).file("f/c/x.rdl", "<r/>");
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(
        folder.findings(&diagnostics),
        ["error duplicate-item a/.platform", "error duplicate-item f/c/.platform",]
    );
}

/// An item type, its files, and what is found.
type PartCase = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

#[test]
fn parts_that_are_missing_or_not_json() {
    let cases: [PartCase; 12] = [
        ("Notebook", &[("other.txt", "x")], &["error missing-part a"]),
        ("Notebook", &[], &["error missing-part a"]),
        ("Reflex", &[], &[]),
        ("Reflex", &[("Reflex.json", "{}")], &["error missing-part a"]),
        ("Notebook", &[("notebook-content.sql", "x")], &[]),
        (
            "Notebook",
            &[("notebook-content.ipynb", "{\n\"cells\": [}\n")],
            &["error part-not-json a/notebook-content.ipynb:2"],
        ),
        (
            "DataPipeline",
            &[("pipeline-content.json", "{\n\n  \"a\" 1}")],
            &["error part-not-json a/pipeline-content.json:3"],
        ),
        (
            "SemanticModel",
            &[("definition.pbism", "{")],
            &["error missing-part a", "error part-not-json a/definition.pbism:1"],
        ),
        ("Report", &[("report.json", "{}"), ("definition.pbir", "")], &["error part-not-json a/definition.pbir:1"]),
        ("VariableLibrary", &[("variables.json", "\u{feff}{}")], &[]),
        ("VariableLibrary", &[("settings.json", "{}")], &["error missing-part a"]),
        ("Environment", &[("Libraries/own.json", "not json")], &[]),
    ];
    for (item_type, files, expected) in cases {
        let folder = Folder::new();
        folder.item("a", item_type, "A", &id(1));
        for (path, text) in files {
            folder.file(&format!("a/{path}"), text);
        }
        let (_, diagnostics) = folder.load("dev");
        assert_eq!(folder.findings(&diagnostics), expected, "{item_type} {files:?}");
    }
}

#[test]
fn json_that_is_not_utf8() {
    let folder = Folder::new();
    folder.item("a", "DataPipeline", "A", &id(1)).file("a/pipeline-content.json", [b'{', 0, b'}', 0]);
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(folder.findings(&diagnostics), ["error part-not-json a/pipeline-content.json"]);
}

#[test]
fn folders_that_fabric_refuses() {
    let long = "f".repeat(252);
    let cases = [
        ("ok", None),
        ("A folder, with (signs) – und Ümläute", None),
        ("$recycle.bin", Some("folder-name-refused")),
        ("Recycled", Some("folder-name-refused")),
        ("a:b", Some("folder-name-refused")),
        ("50%", Some("folder-name-refused")),
        ("a\\b", Some("folder-name-refused")),
        ("a\u{85}b", Some("folder-name-refused")),
        (" a", Some("folder-name-refused")),
        ("a ", Some("folder-name-refused")),
        (long.as_str(), None),
    ];
    for (name, expected) in cases {
        let folder = Folder::new();
        folder.item(&format!("{name}/a.Environment"), "Environment", "A", &id(1));
        folder.item(&format!("{name}/b.Environment"), "Environment", "B", &id(2));
        let (_, diagnostics) = folder.load("dev");
        let expected: Vec<_> = expected.into_iter().map(|code| format!("error {code} {name}")).collect();
        assert_eq!(folder.findings(&diagnostics), expected);
    }
}

#[test]
fn folders_that_are_too_deep() {
    let folder = Folder::new();
    folder.item("1/2/3/4/5/6/7/8/9/10/a", "Environment", "A", &id(1));
    assert_eq!(folder.items("dev").items.len(), 1);
    folder.item("1/2/3/4/5/6/7/8/9/10/11/b", "Environment", "B", &id(2));
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(folder.findings(&diagnostics), ["error folder-too-deep 1/2/3/4/5/6/7/8/9/10/11/b"]);
}

#[test]
fn a_folder_without_items_and_no_folder_at_all() {
    let folder = Folder::new();
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_none());
    assert_eq!(folder.findings(&diagnostics), ["error source-empty "]);

    folder.file("file", "x");
    for path in ["missing", "file"] {
        let (_, diagnostics) = fabric_deploy::source::read(&folder.root().join(path));
        assert_eq!(folder.findings(&diagnostics), [format!("error source-unreadable {path}")]);
    }
}

#[test]
fn a_file_that_is_too_large() {
    let folder = Folder::new();
    folder.item("a", "Environment", "A", &id(1)).file("a/large.bin", "");
    let file = std::fs::File::create(folder.root().join("a/large.bin")).unwrap();
    file.set_len(fabric_deploy::source::MAX_FILE_BYTES + 1).unwrap();
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(folder.findings(&diagnostics), ["error file-too-large a/large.bin"]);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_to_nothing_or_to_directories() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), "x").unwrap();
    folder.item("a", "Environment", "A", &id(1)).file("b/file", "x");
    symlink(outside.path().join("secret"), folder.root().join("a/out")).unwrap();
    symlink("nowhere", folder.root().join("a/broken")).unwrap();
    symlink("../b", folder.root().join("a/directory")).unwrap();
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(
        folder.findings(&diagnostics),
        [
            "error source-unreadable a/broken",
            "error directory-link a/directory",
            "error path-leaves-source a/out",
            "warning files-unused b/file",
        ]
    );
}

#[test]
fn all_findings_come_at_once_and_in_order() {
    let folder = Folder::new();
    folder
        .file("a/.platform", "{")
        .item("b", "Notebook", "B", "")
        .item("c", "DataPipeline", "C", &id(1))
        .file("c/pipeline-content.json", "[")
        .item("d:d/d", "Environment", "D", &id(1))
        .file("parameter.yml", "find_replace:\n  - find_value: x\n");
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_none());
    assert_eq!(
        folder.findings(&diagnostics),
        [
            "error platform-not-json a/.platform:1",
            "error logical-id-missing b/.platform:9",
            "error duplicate-logical-id c/.platform:9",
            "error part-not-json c/pipeline-content.json:1",
            "error folder-name-refused d:d",
            "error duplicate-logical-id d:d/d/.platform:9",
            "error missing-key parameter.yml:2",
        ]
    );
}

#[test]
fn files_that_belong_to_no_item_though_their_folder_is_called_like_one_are_told() {
    let folder = Folder::new();
    folder.notebook("A", &id(1), "x").file("Lost.Notebook/notebook-content.py", "x").file("notes.md", "not an item's");
    folder
        .file("A.Notebook/B.Lakehouse/part.txt", "a part of A")
        .file("Empty.Report/inner/x.txt", "a workspace folder");
    let (items, diagnostics) = folder.load("dev");
    assert_eq!(items.unwrap().items.len(), 1);
    assert_eq!(
        folder.findings(&diagnostics),
        ["warning files-unused Empty.Report", "warning files-unused Lost.Notebook", "warning files-unused notes.md",]
    );
    assert!(diagnostics.iter().nth(1).unwrap().message.starts_with("no `.platform` says which item"), "{diagnostics}");
}

#[test]
fn files_that_no_item_takes_are_told_and_those_that_are_used_are_not() {
    let folder = Folder::new();
    folder
        .notebook("A", &id(1), "x")
        .notebook("in/B", &id(2), "x")
        .file("parameter.yml", "extend: [rules/more.yml]\n")
        .file("rules/more.yml", "# nothing yet\n")
        .file(".gitignore", "")
        .file(".github/workflow.yml", "")
        .file("in/one.md", "")
        .file("in/two.md", "")
        .file("docs/deep/three.md", "");
    for number in 0..7 {
        folder.file(&format!("docs/{number}.md"), "");
    }
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_some());
    let told: Vec<_> = folder.findings(&diagnostics).into_iter().zip(diagnostics.iter()).collect();
    let messages: Vec<_> =
        told.iter().map(|(finding, diagnostic)| format!("{finding}: {}", diagnostic.message)).collect();
    assert_eq!(
        messages,
        [
            "warning files-unused docs: 8 files here belong to no item and are not deployed: 0.md, 1.md, 2.md, 3.md, \
             4.md and 3 more",
            "warning files-unused in: 2 files here belong to no item and are not deployed: one.md, two.md",
        ]
    );

    // A parameter file that nothing reads is no exception.
    let (_, diagnostics) = fabric_deploy::source::load(&fabric_deploy::source::SourceRequest {
        root: folder.root(),
        parameters: fabric_deploy::source::ParameterFile::None,
        environment: "dev",
        lookup_env: &|_| None,
        looked_up: None,
        named_by: Some(&folder.root().join("docs/0.md")),
    });
    assert!(diagnostics.to_string().contains("docs: warning[files-unused]: 7 files here"), "{diagnostics}");
    let findings = folder.findings(&diagnostics);
    assert!(findings.contains(&"warning files-unused parameter.yml".to_owned()), "{findings:?}");
    assert!(findings.contains(&"warning files-unused rules/more.yml".to_owned()), "{findings:?}");
}

#[test]
fn files_that_a_type_leaves_out_are_told_once_for_all_items() {
    let folder = Folder::new();
    for (number, name) in [(1, "M"), (2, "N")] {
        let directory = format!("{name}.SemanticModel");
        folder
            .item(&directory, "SemanticModel", name, &id(number))
            .file(&format!("{directory}/definition.pbism"), "{}")
            .file(&format!("{directory}/model.bim"), "{}")
            .file(&format!("{directory}/.pbi/localSettings.json"), "{}");
    }
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_some());
    assert_eq!(folder.findings(&diagnostics), ["warning files-left-out "]);
    let shown = diagnostics.to_string();
    assert!(shown.contains("2 files are a user's own state"), "{shown}");
    assert!(
        shown.contains("M.SemanticModel/.pbi/localSettings.json, N.SemanticModel/.pbi/localSettings.json"),
        "{shown}"
    );
}
