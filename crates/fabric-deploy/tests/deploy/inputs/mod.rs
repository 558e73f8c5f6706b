//! Anything at all in the place of the files that people write: kept inputs, and random ones from their words.

mod reader;

use std::fs;
use std::path::Path;

use proptest::prelude::*;

type Read = fn(&[u8]);

/// The seeds of the fuzz targets, and whatever these found. Each is read as the targets read it, whole and cut short.
#[test]
fn every_kept_input_is_read_without_a_surprise() {
    let targets: [(&str, Read); 3] =
        [("platform", reader::platform), ("parameter", reader::parameter), ("config", reader::config)];
    for (target, read) in targets {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inputs").join(target);
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(files.len() >= 3, "{files:?}");
        for file in files {
            let bytes = fs::read(&file).unwrap();
            read(&bytes);
            for cut in (0..bytes.len()).step_by(97) {
                read(&bytes[..cut]);
            }
        }
    }
}

/// Text of these words, of line ends with some indentation, and of anything else.
fn text_of(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(words).prop_map(str::to_owned),
        3 => (0_usize..4).prop_map(|depth| format!("\n{}", "  ".repeat(depth))),
        1 => "\\PC{0,6}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

const PLATFORM: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\"metadata\": {",
    "\"config\": {",
    "\"type\": \"Notebook\"",
    "\"displayName\": \"A\"",
    "\"description\": \"\"",
    "\"creationPayload\": {}",
    "\"version\": \"2.0\"",
    "\"logicalId\": \"00000000-0000-0000-0000-000000000000\"",
    "\"\\ud800\"",
    "1e999",
    "null",
];

const PARAMETER: &[&str] = &[
    "find_replace:\n- ",
    "key_value_replace:\n- ",
    "spark_pool:\n- ",
    "semantic_model_binding:\n- ",
    "gateway_binding:\n- ",
    "extend: ",
    "find_value: ",
    "find_key: ",
    "replace_value: ",
    "replace_value:\n    dev: ",
    "_ALL_: ",
    "is_regex: 'true'",
    "ignore_case: true",
    "item_type: Notebook",
    "item_name: ",
    "file_path: ",
    "instance_pool_id: ",
    "type: Workspace",
    "name: ",
    "default: ",
    "connection_id: ",
    "'(a)'",
    "(b*)",
    "a",
    "dev",
    "$.properties",
    "$..name",
    "$.list[?(@.name == 'b')]",
    "[*]",
    "$items.Lakehouse.L.$id",
    "$workspace.$id",
    "$workspace.Other",
    "$ENV:SET",
    "$ENV:UNSET",
    "${secret:key}",
    "$${secret:",
    "22222222-2222-4222-8222-222222222222",
    "33333333-3333-4333-8333-333333333333",
    "**/*.py",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "|-\n",
    "? ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "'",
    "\"",
    "#",
    "---\n",
    "parameter.yml",
];

const CONFIG: &[&str] = &[
    "core:\n  ",
    "workspace: ",
    "workspace_id: ",
    "repository_directory: ",
    "item_types_in_scope: ",
    "parameter: ",
    "publish:\n  ",
    "unpublish:\n  ",
    "features: ",
    "constants:\n  ",
    "exclude_regex: ",
    "folder_exclude_regex: ",
    "folder_path_to_include: ",
    "items_to_include: ",
    "skip: ",
    "dev: ",
    "prod: ",
    "true",
    "[Notebook]",
    "[A.Notebook]",
    "[/a/b]",
    "workspace",
    "parameter.yml",
    "enable_shortcut_publish",
    "^a",
    "(",
    "${secret:key}",
    "${NAME}",
    "00000000-0000-4000-8000-000000000001",
    "&a ",
    "*a",
    "<<: ",
    "!!int ",
    ">\n",
    "? ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "'",
    "\"",
    "#",
    "---\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn anything_may_stand_in_a_platform_file(text in text_of(PLATFORM)) {
        reader::platform(text.as_bytes());
    }

    #[test]
    fn anything_may_stand_in_a_parameter_file(text in text_of(PARAMETER)) {
        reader::parameter(text.as_bytes());
    }

    #[test]
    fn anything_may_stand_in_a_configuration(text in text_of(CONFIG)) {
        reader::config(text.as_bytes());
    }

    #[test]
    fn any_bytes_may_stand_in_any_file(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        reader::platform(&bytes);
        reader::parameter(&bytes);
        reader::config(&bytes);
    }
}
