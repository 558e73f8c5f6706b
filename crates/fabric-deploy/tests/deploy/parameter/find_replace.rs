//! Text replaced by text, in the files that an entry is about.

use super::{Folder, folder, id, notebook_text};

fn entry(rest: &str) -> String {
    format!("find_replace:\n- {rest}\n")
}

#[test]
fn replacements() {
    for (source, parameters, expected) in [
        ("db_dev and db_dev", entry("{find_value: db_dev, replace_value: {dev: $ENV:DB, prod: z}}"), "from env and from env"),
        ("aXbx", entry("{find_value: x, ignore_case: 'True', replace_value: {_ALL_: '$1'}}"), "error"),
        ("aXbx", entry("{find_value: x, ignore_case: 'True', replace_value: {_All_: '-$1-'}}"), "a-$1-b-$1-"),
        ("id=12 id=345", entry("{find_value: 'id=(\\d+)', is_regex: 'true', replace_value: {dev: N}}"), "id=N id=N"),
        ("ID=12", entry("{find_value: 'id=(\\d+)', is_regex: true, ignore_case: true, replace_value: {dev: N}}"), "ID=N"),
        ("none", entry("{find_value: 'id=(\\d+)', is_regex: true, replace_value: {dev: N}}"), "none"),
        ("a.b axb", entry("{find_value: a.b, replace_value: {dev: Y}}"), "Y axb"),
        ("a.b AxB A.B", entry("{find_value: a.b, ignore_case: true, replace_value: {dev: Y}}"), "Y AxB Y"),
        ("first", "find_replace:\n- {find_value: first, replace_value: {dev: second}}\n- {find_value: second, replace_value: {dev: third}}\n".to_owned(), "third"),
    ] {
        let folder = folder(source, &parameters);
        let (items, diagnostics) = folder.load_with("dev", &|name| (name == "DB").then(|| "from env".to_owned()));
        match items {
            Some(items) => assert_eq!(notebook_text(&items, "A"), expected, "{parameters}"),
            None => assert_eq!(expected, "error", "{parameters}: {diagnostics}"),
        }
    }
}

#[test]
fn conditions_decide_which_files_change() {
    let cases = [
        ("item_type: Notebook", "y y x"),
        ("item_type: [Environment, Report]", "x x y"),
        ("item_name: B", "x y x"),
        ("item_name: [A, E]", "y x y"),
        ("item_type: Notebook\n  item_name: E", "x x x"),
        ("item_type: notebook", "x x x"),
        ("file_path: dir/B.Notebook/notebook-content.py", "x y x"),
        ("file_path: ./dir/../dir/B.Notebook/notebook-content.py", "x y x"),
        ("file_path: /dir/B.Notebook/notebook-content.py", "x y x"),
        ("file_path: 'dir\\B.Notebook\\notebook-content.py'", "x y x"),
        ("file_path: '**/*.py'", "y y x"),
        ("file_path: '*.py'", "x x x"),
        ("file_path: '*/*.py'", "y x x"),
        ("file_path: ['dir/**', 'E.Environment/*.txt']", "x y y"),
    ];
    for (condition, expected) in cases {
        let folder = Folder::new();
        folder
            .notebook("A", &id(1), "x")
            .item("dir/B.Notebook", "Notebook", "B", &id(2))
            .file("dir/B.Notebook/notebook-content.py", "x")
            .item("E.Environment", "Environment", "E", &id(3))
            .file("E.Environment/e.txt", "x")
            .file(
                "parameter.yml",
                format!("find_replace:\n- find_value: x\n  replace_value: {{dev: y}}\n  {condition}\n"),
            );
        let (items, diagnostics) = folder.load("dev");
        let items = items.unwrap_or_else(|| panic!("{condition}: {diagnostics}"));
        let environment = super::text(&super::parts(super::item(&items, "Environment", "E"))[0].content);
        let found = format!("{} {} {environment}", notebook_text(&items, "A"), notebook_text(&items, "B"));
        assert_eq!(found, expected, "{condition}");
        // A condition that accepts nothing is told in its own line, and is why nothing changed.
        let findings: &[&str] = match condition {
            "item_type: notebook" | "item_type: [Environment, Report]" | "file_path: '*.py'" => {
                &["warning parameter-filter-unmatched parameter.yml:4"]
            }
            _ if expected != "x x x" => &[],
            _ => &["warning parameter-unused parameter.yml:2"],
        };
        assert_eq!(folder.findings(&diagnostics), findings, "{condition}");
    }
}

#[test]
fn every_condition_that_accepts_nothing_is_told_with_its_line() {
    let folder = folder(
        "x",
        "find_replace:\n- find_value: x\n  replace_value: {dev: y}\n  item_type: [Notebook, Notebok]\n  item_name:\n  \
         - A\n  - a\n  file_path:\n  - '**/*.py'\n  - A.Notebook/gone.py\n  - '**/*.ipynb'\nspark_pool:\n- \
         instance_pool_id: p\n  replace_value: {dev: {type: Workspace, name: Small}}\n  item_name: Nobody\n",
    );
    let (items, diagnostics) = folder.load("dev");
    assert_eq!(notebook_text(&items.unwrap(), "A"), "y");
    let told: Vec<_> =
        diagnostics.iter().map(|finding| (finding.place.as_ref().unwrap().line.unwrap(), finding)).collect();
    for (line, finding) in &told {
        assert_eq!(finding.code, "parameter-filter-unmatched", "{finding}");
        let expected = match line {
            4 => "no item of the source folder has the type `Notebok`",
            7 => "no item of the source folder is called `a`",
            10 => "no item of the source folder has a file `A.Notebook/gone.py`",
            11 => "no item of the source folder has a file `**/*.ipynb`",
            13 => &finding.message,
            15 => "no item of the source folder is called `Nobody`",
            _ => "nothing",
        };
        assert_eq!(finding.message, expected);
    }
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 7, 10, 11, 13, 13, 15]);
}

#[test]
fn an_empty_replacement_takes_away_what_is_found_and_is_told_with_its_line() {
    for (entry, line, left) in [
        ("{find_value: b, replace_value: {dev: ''}}", 2, "a--c"),
        ("{find_value: 'a(-b)', is_regex: true, replace_value: {_ALL_: ''}}", 2, "a-c"),
        ("{find_value: b, replace_value: {dev: $ENV:EMPTY}}", 2, "a--c"),
        ("find_value: b\n  replace_value:\n    dev: X\n    prod: ''", 5, "a-X-c"),
    ] {
        let folder = folder("a-b-c", &self::entry(entry));
        let (items, diagnostics) = folder.load_with("dev", &|name| (name == "EMPTY").then(String::new));
        assert_eq!(notebook_text(&items.unwrap(), "A"), left, "{entry}");
        assert_eq!(folder.findings(&diagnostics), [format!("warning parameter-empty-value parameter.yml:{line}")]);
    }
}

#[test]
fn an_absolute_path_below_the_folder() {
    let folder = folder("x", "");
    let path = folder.root().join("A.Notebook/notebook-content.py");
    let parameters = serde_json::json!({"find_replace": [
        {"find_value": "x", "replace_value": {"dev": "y"}, "file_path": path.to_str().unwrap()},
    ]});
    folder.file("parameter.yml", parameters.to_string());
    assert_eq!(notebook_text(&folder.items("dev"), "A"), "y");
}

#[test]
fn a_regular_expression_sees_ids_that_were_replaced_as_ids() {
    let folder = folder(
        &format!("lake = \"{}\"", id(2)),
        "find_replace:\n- find_value: 'lake = \"([0-9a-f-]{36})\"'\n  is_regex: 'true'\n  replace_value: {dev: fixed}\n",
    );
    folder.item("l", "Lakehouse", "L", &id(2));
    assert_eq!(notebook_text(&folder.items("dev"), "A"), "lake = \"fixed\"");
}

#[test]
fn a_parameter_that_cuts_an_id_is_an_error() {
    let folder = folder(
        &id(2),
        "find_replace:\n- find_value: '^[0-9a-f]{8}(-)'\n  is_regex: 'true'\n  replace_value: {dev: +}\n",
    );
    folder.item("l", "Lakehouse", "L", &id(2));
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_none());
    assert_eq!(folder.findings(&diagnostics), ["error parameter-cuts-id parameter.yml:2"]);
}

#[test]
fn an_empty_capture_is_an_error() {
    let folder =
        folder("id=", "find_replace:\n- {find_value: 'id=(\\d*)', is_regex: 'true', replace_value: {dev: N}}\n");
    let (_, diagnostics) = folder.load("dev");
    assert_eq!(folder.findings(&diagnostics)[0], "error parameter-empty-capture parameter.yml:2");
}

#[test]
fn a_replacement_that_breaks_json_is_an_error() {
    let folder = Folder::new();
    folder
        .item("p", "DataPipeline", "P", &id(1))
        .file("p/pipeline-content.json", "{\"a\": \"x\"}")
        .file("parameter.yml", "find_replace:\n- find_value: x\n  replace_value: {dev: 'say \"hi\"'}\n");
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_none());
    assert_eq!(folder.findings(&diagnostics), ["error parameter-breaks-json parameter.yml:2"]);
}
