//! A JSON file in which one value is replaced keeps every other byte.

use proptest::prelude::*;

use super::{Folder, id, item, parts, text};

/// JSON with blanks of any kind between its tokens.
fn json(depth: u32) -> BoxedStrategy<String> {
    let blank = prop::sample::select(vec!["", " ", "\n", "\r\n\t", "  "]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("-1.5e3".to_owned()),
        Just("true".to_owned()),
        "[a-z\u{e9}{}\\[\\], :]{0,8}".prop_map(|text| format!("\"{text}\\n\\\"\\u00e9\"")),
    ];
    leaf.prop_recursive(depth, 24, 4, move |inner| {
        let padded =
            (blank.clone(), inner, blank.clone()).prop_map(|(before, value, after)| format!("{before}{value}{after}"));
        prop_oneof![
            prop::collection::vec(padded.clone(), 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            prop::collection::vec((blank.clone(), padded), 0..4).prop_map(|members| {
                let members = members
                    .iter()
                    .enumerate()
                    .map(|(index, (blank, value))| format!("{blank}\"k{index}\"{blank}:{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_other_byte_stays(before in json(4), old in json(4), after in json(4)) {
        let file = |value: &str| format!("\n{{\"before\" :{before},\t\"here\": {value} ,\"after\":[{after}]}}\r\n");
        let folder = Folder::new();
        folder.item("e", "SomethingNew", "E", &id(1)).file("e/d.json", file(&old)).file(
            "parameter.yml",
            "key_value_replace:\n- {find_key: $.here, replace_value: {dev: new}}\n",
        );
        let items = folder.items("dev");
        prop_assert_eq!(text(&parts(item(&items, "SomethingNew", "E"))[0].content), file("\"new\""));
    }
}
