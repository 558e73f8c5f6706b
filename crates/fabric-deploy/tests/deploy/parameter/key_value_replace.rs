//! Values of JSON and YAML files, named by a JSONPath.

use super::{Folder, id, item, parts, text};

const JSON: &str = "{\r\n\t\"a\" : {\"b\": 1, \"list\": [ {\"name\":\"x\", \"v\": 1}, {\"name\":\"y\", \"v\": [2, 3]} ]},\r\n\
                    \t\"dotted.name\": \"é\\u0041\", \"deep\": {\"a\": {\"name\": null}}}\r\n";

fn replaced(file: &str, content: &str, find_key: &str, value: &serde_json::Value) -> (Option<String>, Vec<String>) {
    let folder = Folder::new();
    let parameters =
        serde_json::json!({"key_value_replace": [{"find_key": find_key, "replace_value": {"_ALL_": value}}]});
    folder
        .item("e", "SomethingNew", "E", &id(1))
        .file(&format!("e/{file}"), content)
        .item("l", "Lakehouse", "Bronze", &id(2))
        .file("parameter.yml", parameters.to_string());
    let (items, diagnostics) = folder.load("dev");
    (items.map(|items| text(&parts(item(&items, "SomethingNew", "E"))[0].content)), folder.findings(&diagnostics))
}

#[test]
fn json_keeps_its_layout() {
    for (find_key, old, new) in [
        ("$.a.b", "\"b\": 1", "\"b\": 9"),
        ("$['a']['b']", "\"b\": 1", "\"b\": 9"),
        ("$.a.list[0].v", "\"x\", \"v\": 1", "\"x\", \"v\": 9"),
        ("$.a.list[-1].v", "[2, 3]", "9"),
        ("$.a.list[1].v[0]", "[2, 3]", "[9, 3]"),
        ("$.a.list[?(@.name=='y')].v", "[2, 3]", "9"),
        ("$.a.list[?(@.name == \"y\" & @.v[1] > 2)].v", "[2, 3]", "9"),
        ("$.a.list[?name != 'y'].v", "\"x\", \"v\": 1", "\"x\", \"v\": 9"),
        ("$.'dotted.name'", "\"é\\u0041\"", "9"),
        ("$.deep..name", "null", "9"),
        ("$.a.list[*].name", "", ""),
        ("$.deep.*", "{\"name\": null}", "9"),
        ("$.a['b', 'none']", "\"b\": 1", "\"b\": 9"),
        ("$.a.list[0:1].v", "\"x\", \"v\": 1", "\"x\", \"v\": 9"),
        ("$.a.list[-1:].v", "[2, 3]", "9"),
        ("$.a.list[1].v[::-2]", "[2, 3]", "[2, 9]"),
        ("$.a.list[1].v[5:1:-1]", "", ""),
        ("$.a.list[?(@.name =~ '^y')].v", "[2, 3]", "9"),
    ] {
        let expected = match find_key {
            "$.a.list[*].name" => JSON.replace("\"x\"", "9").replace("\"y\"", "9"),
            "$.a.list[1].v[5:1:-1]" => JSON.to_owned(),
            _ => JSON.replacen(old, new, 1),
        };
        let (found, findings) = replaced("data.json", JSON, find_key, &serde_json::json!(9));
        assert_eq!(found.as_deref(), Some(expected.as_str()), "{find_key}");
        assert_eq!(findings.is_empty(), expected != JSON, "{find_key}: {findings:?}");
    }
}

#[test]
fn nothing_matched_is_nothing_changed() {
    for (file, content, find_key) in [
        ("data.json", JSON, "$.a.c"),
        ("data.json", JSON, "$.a.list[5]"),
        ("data.json", JSON, "$.a.list[?(@.name=='z')]"),
        ("data.json", JSON, "$.a[0]"),
        ("e.yml", "b: 1 # comment\n", "$.a"),
        ("code.py", "import os\na: 1\n", "$.a"),
        ("list.txt", "[a", "$..a"),
        ("text.txt", "a", "$..a"),
    ] {
        let (found, findings) = replaced(file, content, find_key, &serde_json::json!(9));
        assert_eq!(found.as_deref(), Some(content), "{file} {find_key}");
        assert_eq!(findings, ["warning parameter-unused parameter.yml:1"], "{file} {find_key}");
    }
}

#[test]
fn values_of_every_kind() {
    for (value, written) in [
        (serde_json::json!("quote \" and \\ é"), "\"quote \\\" and \\\\ é\""),
        (serde_json::json!(true), "true"),
        (serde_json::json!({"k": [1, "two"]}), "{\"k\":[1,\"two\"]}"),
        (serde_json::json!("$items.Lakehouse.Bronze.$id"), "\"<Bronze.Lakehouse>\""),
        (serde_json::json!("$workspace.$name"), "\"<name, escaped>\""),
        (serde_json::json!("$workspace.$name_encoded"), "\"<name, encoded>\""),
    ] {
        let (found, _) = replaced("data.json", "{\"a\": 1}", "$.a", &value);
        assert_eq!(found, Some(format!("{{\"a\": {written}}}")), "{value}");
    }
}

#[test]
fn yaml_keeps_comments_order_and_quotes() {
    let yaml = "# pool\r\nz: one # keep\r\na:\r\n  - {id: 'old', n: 3}\r\n  - id: \"old\"\r\n";
    for (find_key, value, old, new) in [
        ("$.z", "two", "one", "two"),
        ("$.z", "true", "one", "\"true\""),
        ("$.z", "a: b", "one", "\"a: b\""),
        ("$.z", "$items.Lakehouse.Bronze.$id", "one", "<Bronze.Lakehouse>"),
        ("$.a[0].id", "it's", "'old'", "'it''s'"),
        ("$.a[1].id", "new", "\"old\"", "\"new\""),
        ("$.a[?(@.n==3)].id", "new", "'old'", "'new'"),
    ] {
        let (found, findings) = replaced("Setting/Sparkcompute.yml", yaml, find_key, &serde_json::json!(value));
        assert_eq!(found, Some(yaml.replacen(old, new, 1)), "{find_key}");
        assert_eq!(findings, [""; 0]);
    }
    // The content tells, not the name of the file; JSON that only YAML can read is read as YAML.
    for (file, content, expected) in [
        ("e.yaml", "n: 3\n", "n: 4\n"),
        ("settings.txt", "# m\nn: 3\n", "# m\nn: 4\n"),
        ("loose.conf", "{n: 3, m: [1]}", "{n: 4, m: [1]}"),
    ] {
        let (found, _) = replaced(file, content, "$.n", &serde_json::json!(4));
        assert_eq!(found.as_deref(), Some(expected), "{file}");
    }
    // A name may hold anything, so that it is put between quotes in which everything can be written.
    for (value, written) in [("$workspace.$name", "<name, escaped>"), ("$workspace.$name_encoded", "<name, encoded>")] {
        for old in ["plain", "'single'", "\"double\""] {
            let (found, _) = replaced("e.yml", &format!("n: {old} # c\n"), "$.n", &serde_json::json!(value));
            assert_eq!(found, Some(format!("n: \"{written}\" # c\n")), "{value} {old}");
        }
    }
}

/// Whatever the workspace is called, the file says so afterwards, and says nothing else.
#[test]
fn a_workspace_may_be_called_anything() {
    let name = "it's \"quoted\": \\ # {true}";
    for (file, content) in [
        ("d.json", "{\"n\": \"old\", \"m\": 1}"),
        ("d.yml", "n: old # c\nm: 1\n"),
        ("d.yaml", "{n: 'old', m: 1}\n"),
        ("in-text.json", "{\"n\": \"find-me\", \"m\": 1}"),
    ] {
        let folder = Folder::new();
        folder.item("e", "SomethingNew", "E", &id(1)).file(&format!("e/{file}"), content).file(
            "parameter.yml",
            "key_value_replace:\n- {find_key: $.n, replace_value: {dev: $workspace.$name}, file_path: ['e/d.json', \
             'e/d.yml', 'e/d.yaml']}\nfind_replace:\n- {find_value: find-me, replace_value: {dev: $workspace.$name}}\n",
        );
        let items = folder.items("dev");
        let part = &parts(item(&items, "SomethingNew", "E"))[0];
        let bytes = part.content.resolve(|reference| reference.workspace_name(name)).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        let (document, found) = fabric_deploy::document::Document::parse(
            text,
            std::path::Path::new(file),
            fabric_deploy::document::Format::of(std::path::Path::new(file)),
        );
        let root = document.unwrap_or_else(|| panic!("{text}: {found}")).root.to_json();
        assert_eq!(root, serde_json::json!({"n": name, "m": 1}), "{text}");
    }
}

#[test]
fn yaml_values_that_cannot_be_replaced_in_place() {
    for (yaml, find_key) in
        [("a:\n  b: 1\n", "$.a"), ("a: |\n  text\n", "$.a"), ("a:\nb: 1\n", "$.a"), ("x: &n 1\na: *n\n", "$.a")]
    {
        let (found, findings) = replaced("e.yml", yaml, find_key, &serde_json::json!("x"));
        assert_eq!(found, None, "{yaml}");
        assert_eq!(findings[0], "error parameter-yaml-layout parameter.yml:1", "{yaml}");
    }
}

#[test]
fn entries_follow_each_other_and_come_before_find_replace() {
    let folder = Folder::new();
    folder.item("e", "SomethingNew", "E", &id(1)).file("e/d.json", "{\"a\": 1, \"b\": 2}").file(
        "parameter.yml",
        "find_replace:\n- {find_value: two, replace_value: {dev: three}}\n\
         key_value_replace:\n- {find_key: $.a, replace_value: {dev: {c: 1}}}\n- {find_key: $.a.c, replace_value: {dev: two}}\n",
    );
    let items = folder.items("dev");
    assert_eq!(text(&parts(item(&items, "SomethingNew", "E"))[0].content), "{\"a\": {\"c\":\"three\"}, \"b\": 2}");
}
