//! `${secret:name}` in what is put in: a reference until it is sent, written as the text around it asks for.

use serde_json::json;

use super::{Folder, folder, id, item, notebook_text, parts, text};

/// The content of `file` after `replacement` was put in for the value of `key`, and for the text `OLD`.
fn both(file: &str, content: &str, key: &str, replacement: &serde_json::Value) -> [String; 2] {
    [
        json!({"key_value_replace": [{"find_key": key, "replace_value": {"dev": replacement}}]}),
        json!({"find_replace": [{"find_value": "OLD", "replace_value": {"dev": replacement}}]}),
    ]
    .map(|parameters| {
        let folder = Folder::new();
        folder
            .item("e", "SomethingNew", "E", &id(1))
            .file(&format!("e/{file}"), content)
            .file("parameter.yml", parameters.to_string());
        let (items, diagnostics) = folder.load_with("dev", &|name| (name == "HOST").then(|| "${secret:b}".to_owned()));
        assert!(!diagnostics.has_errors(), "{diagnostics:?}");
        text(&parts(item(&items.unwrap(), "SomethingNew", "E"))[0].content)
    })
}

#[test]
fn a_secret_is_escaped_in_json_and_taken_as_it_is_elsewhere() {
    let secret = json!("h=$ENV:HOST;p=${secret:db-password}!");
    let escaped = r#"{"a": "h=${secret:b};p=<db-password Json>!"}"#;
    assert_eq!(both("data.json", r#"{"a": "OLD"}"#, "$.a", &secret), [escaped, escaped]);
    for (old, plain) in
        [("OLD", "h=${secret:b};p=<db-password Plain>!"), ("'OLD'", "'h=${secret:b};p=<db-password Plain>!'")]
    {
        let [by_key, by_text] = both("data.yml", &format!("a: {old} # x\n"), "$.a", &secret);
        assert_eq!(by_key, "a: \"h=${secret:b};p=<db-password Json>!\" # x\n");
        assert_eq!(by_text, format!("a: {plain} # x\n"));
    }
}

#[test]
fn secrets_stand_at_any_depth_of_a_value() {
    let parameters = json!({"key_value_replace": [{"find_key": "$.a", "replace_value": {"dev":
        {"list": [1, "${secret:one}", "plain"], "deep": {"b": "x${secret:two}"}}}}]});
    let folder = Folder::new();
    folder.item("e", "SomethingNew", "E", &id(1)).file("e/d.json", r#"{"a": 0}"#);
    folder.file("parameter.yml", parameters.to_string());
    let items = folder.load("dev").0.unwrap();
    let content = &parts(item(&items, "SomethingNew", "E"))[0].content;
    assert_eq!(text(content), r#"{"a": {"list":[1,"<one Json>","plain"],"deep":{"b":"x<two Json>"}}}"#);
    let names: Vec<_> = content.secrets().into_iter().map(|secret| (secret.name.as_str(), secret.place.line)).collect();
    assert_eq!(names, [("one", Some(1)), ("two", Some(1))]);
}

#[test]
fn what_stands_for_itself_and_what_the_files_hold_is_no_reference() {
    let parameters = "find_replace:\n- find_value: OLD\n  replace_value:\n    dev: 'a $${secret:x}'\n";
    let items = folder("OLD ${secret:of-the-file}\n", parameters).load("dev").0.unwrap();
    assert_eq!(notebook_text(&items, "A"), "a ${secret:x} ${secret:of-the-file}\n");
}

#[test]
fn only_the_environment_that_is_deployed_asks_for_its_secrets() {
    let parameters =
        "find_replace:\n- find_value: OLD\n  replace_value:\n    dev: plain\n    prod: ${secret:prod-password}\n";
    let items = folder("OLD\n", parameters).load("dev").0.unwrap();
    assert_eq!(notebook_text(&items, "A"), "plain\n");
}
