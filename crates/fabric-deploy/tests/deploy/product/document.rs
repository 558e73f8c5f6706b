//! The tree of a document: positions, scalars, mistakes.

use std::path::Path;

use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::document::{Document, Format, Mark, Reader, nearest};
use proptest::prelude::*;
use serde_json::json;

fn parse(text: &str, format: Format) -> (Option<Document>, Diagnostics) {
    Document::parse(text, Path::new("f"), format)
}

fn value(text: &str) -> serde_json::Value {
    let (document, diagnostics) = parse(text, Format::Yaml);
    assert!(diagnostics.is_empty(), "{diagnostics}");
    document.unwrap().root.to_json()
}

fn codes(diagnostics: &Diagnostics) -> Vec<(&'static str, usize, usize)> {
    let place = |place: &fabric_deploy::diagnostic::Place| (place.line.unwrap(), place.column.unwrap());
    diagnostics
        .iter()
        .map(|finding| (finding.code, place(finding.place.as_ref().unwrap())))
        .map(|(c, (l, k))| (c, l, k))
        .collect()
}

#[test]
fn scalars_mean_what_both_yaml_versions_say() {
    for (text, expected) in [
        ("12", json!(12)),
        ("-7", json!(-7)),
        ("+7", json!(7)),
        ("0x1F", json!(31)),
        ("0o17", json!(15)),
        ("18446744073709551615", json!(u64::MAX)),
        ("1.5", json!(1.5)),
        ("-.5e3", json!(-500.0)),
        ("1.", json!(1.0)),
        ("1e3", json!("1e3")),
        ("1.2.3", json!("1.2.3")),
        (".", json!(".")),
        ("+-1", json!("+-1")),
        (".inf", json!(".inf")),
        ("2024-01-31", json!("2024-01-31")),
        ("1_000", json!("1_000")),
        ("true", json!(true)),
        ("FALSE", json!(false)),
        ("yes", json!("yes")),
        ("~", json!(null)),
        ("", json!(null)),
        ("'12'", json!("12")),
        ("\"null\"", json!("null")),
        ("!!str 12", json!("12")),
        ("! 12", json!("12")),
        ("!!int 12", json!(12)),
        ("|\n  a\n  b\n", json!("a\nb\n")),
        ("|\n  a", json!("a")),
        ("{a: [1, {b: }]}", json!({"a": [1, {"b": null}]})),
        ("1: a\ntrue: b", json!({"1": "a", "true": "b"})),
        ("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}", json!({"a": {"k": 1, "l": 2}, "b": {"k": 3, "l": 2}})),
        ("a: &x {k: 1}\nb: {<<: [*x, {k: 2, m: 3}]}", json!({"a": {"k": 1}, "b": {"k": 1, "m": 3}})),
        ("'<<': 1", json!({"<<": 1})),
        ("\u{feff}a: 1", json!({"a": 1})),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn every_key_and_value_knows_its_place() {
    for (text, format) in
        [("{\n  \"é\": 1, \"b\": [\n    true]}", Format::Yaml), ("{\n  \"é\": 1, \"b\": [\n    true]}", Format::Json)]
    {
        let root = parse(text, format).0.unwrap().root;
        let entries = root.as_mapping().unwrap();
        assert_eq!(entries[0].key.mark, Mark { line: 2, column: 3 });
        assert_eq!(entries[0].node.mark, Mark { line: 2, column: 8 });
        assert_eq!(entries[1].key.mark, Mark { line: 2, column: 11 });
        assert_eq!(entries[1].node.as_sequence().unwrap()[0].mark, Mark { line: 3, column: 5 });
    }
}

#[test]
fn mistakes_have_codes_and_places() {
    for (text, expected) in [
        ("a: 1\nb: [1,\nc: 2", ("yaml-syntax", 2, 4)),
        ("a: 1\n  b: 2", ("yaml-syntax", 2, 4)),
        ("a: *x", ("yaml-syntax", 1, 4)),
        ("a: &x [*x]", ("yaml-alias", 1, 8)),
        ("? [a]\n: 1", ("yaml-key", 1, 3)),
        ("a: !secret 1", ("yaml-tag", 1, 4)),
        ("a: !!int x", ("yaml-tag", 1, 4)),
        ("<<: 5", ("yaml-merge", 1, 5)),
        ("a: 1\n---\nb: 2", ("yaml-several-documents", 2, 1)),
        ("a: 1\nb: 2\na: 3", ("duplicate-key", 3, 1)),
    ] {
        let found = codes(&parse(text, Format::Yaml).1);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!((found[0].0, found[0].1), (expected.0, expected.1), "{text}: {found:?}");
    }
    for (text, expected) in [
        ("{\"a\": 1,}", ("json-syntax", 1, 9)),
        ("{\"a\": 1\n\"b\": 2}", ("json-syntax", 2, 1)),
        ("", ("json-syntax", 1, 1)),
        ("{'a': 1}", ("json-syntax", 1, 2)),
        ("{\"a\": 1} x", ("json-syntax", 1, 10)),
        ("{\"a\": 1,\n \"a\": 2}", ("duplicate-key", 2, 2)),
    ] {
        assert_eq!(codes(&parse(text, Format::Json).1), [expected], "{text}");
    }
}

#[test]
fn several_repeated_keys_are_found_at_once() {
    let (document, diagnostics) = parse("a: 1\na: 2\nb: {c: 1, c: 2}\n", Format::Yaml);
    assert_eq!(document.unwrap().root.to_json(), json!({"a": 1, "b": {"c": 1}}));
    assert_eq!(codes(&diagnostics), [("duplicate-key", 2, 1), ("duplicate-key", 3, 11)]);
}

#[test]
fn bombs_are_refused() {
    let mut laughs = "a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n".to_owned();
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 9].join(",");
        laughs.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let (document, diagnostics) = parse(&laughs, Format::Yaml);
    assert!(document.is_none());
    assert_eq!(codes(&diagnostics)[0].0, "document-too-large");
    for format in [Format::Yaml, Format::Json] {
        let (document, diagnostics) = parse(&format!("{}{}", "[".repeat(5000), "]".repeat(5000)), format);
        assert!(document.is_none());
        assert!(diagnostics.has_errors());
    }
}

/// A file is read up to 64 MiB and not a byte further, whatever it is: one that another file names may have no end.
#[test]
fn a_file_above_the_limit_is_refused_and_not_read_to_its_end() {
    const LIMIT: u64 = 64 << 20;
    let folder = tempfile::tempdir().unwrap();
    let sized = |name: &str, length: u64| {
        let path = folder.path().join(name);
        std::fs::File::create(&path).unwrap().set_len(length).unwrap();
        path
    };
    let mut files = vec![
        (sized("at.json", LIMIT), "json-syntax"),
        (sized("above.json", LIMIT + 1), "document-too-large"),
        (sized("above.yml", LIMIT + 1), "document-too-large"),
        (sized("far-above.yml", LIMIT << 10), "document-too-large"),
    ];
    if cfg!(unix) {
        files.push(("/dev/zero".into(), "document-too-large"));
    }
    for (file, code) in files {
        let (document, diagnostics) = Document::read(&file);
        assert!(document.is_none(), "{}", file.display());
        assert_eq!(codes(&diagnostics), [(code, 1, 1)], "{}", file.display());
    }
}

#[test]
fn a_reader_collects_every_finding() {
    let text = "name: 5\nenabled: maybe\ncount: -1\ntags: [a, 2]\ninner: {a: 1, b: 2}\nnmae: x\n";
    let document = parse(text, Format::Yaml).0.unwrap();
    let reader = Reader::new(&document);
    let root = reader.root().unwrap();
    assert!(root.required_string("name").is_none());
    assert!(root.optional_bool("enabled").is_none());
    assert!(root.optional_unsigned("count").is_none());
    assert_eq!(root.strings("tags").len(), 1);
    assert!(root.required_string("absent").is_none());
    let inner = root.required_mapping("inner").unwrap();
    assert_eq!(inner.optional_unsigned("a").unwrap().value, 1);
    inner.finish();
    root.finish();
    let findings = reader.into_findings().sorted();
    assert_eq!(
        codes(&findings),
        [
            ("missing-key", 1, 1),
            ("wrong-type", 1, 7),
            ("wrong-type", 2, 10),
            ("wrong-type", 3, 8),
            ("wrong-type", 4, 11),
            ("unknown-key", 5, 15),
            ("unknown-key", 6, 1),
        ]
    );
    let text = findings.to_string();
    assert!(text.contains("`name` should be text, but is the number `5`"), "{text}");
    assert!(text.contains("did you mean `name`?"), "{text}");
    assert!(text.contains("`b` is not a key of `inner`"), "{text}");
}

#[test]
fn the_nearest_word_is_a_slip_away() {
    assert_eq!(nearest("lakehosue", ["notebooks", "lakehouses"]), Some("lakehouses"));
    assert_eq!(nearest("Rollback-On-Error", ["rollback_on_error"]), Some("rollback_on_error"));
    assert_eq!(nearest("pipelines", ["notebooks", "lakehouses"]), None);
    assert_eq!(nearest("", ["a"]), Some("a"));
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn json_is_read_as_serde_reads_it(value in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let (document, diagnostics) = parse(&text, Format::Json);
        prop_assert!(diagnostics.is_empty());
        prop_assert_eq!(document.unwrap().root.to_json(), value);
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in any::<String>(), yaml in "[a-c:{}\\[\\],\n \"'&*!|>#?<-]{0,60}") {
        for format in [Format::Yaml, Format::Json] {
            for text in [&text, &yaml] {
                let (document, diagnostics) = parse(text, format);
                prop_assert!(document.is_some() || diagnostics.has_errors());
            }
        }
    }
}
