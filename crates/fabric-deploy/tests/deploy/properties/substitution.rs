//! Substitution changes what matches, and no byte beside it.

use proptest::prelude::*;

use crate::source::{Folder, id, item, notebook_text, parts, text};

/// What stands between two matches: nothing that any of the rules looks for, though it may look like a part of it.
fn between() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~&&[^A-Z0-9]]{0,12}",
        "[\\r\\n\\t ]{0,4}",
        Just("\u{feff}é\u{1f600}".to_owned()),
        Just("11111111-1111-4111".to_owned()),
        Just("FIN FIND ".to_owned()),
    ]
}

/// Text in runs: each that stands between, and after it what matches, if anything.
fn runs() -> impl Strategy<Value = Vec<(String, Option<usize>)>> {
    prop::collection::vec((between(), prop::option::weighted(0.6, 0_usize..4)), 0..10)
}

/// Each is a text that matches, and what takes its place.
const MATCHES: [(&str, &str); 4] =
    [("FIND-ME", "plain"), ("find-any", "any"), ("key=SECRET;", "key=group;"), ("LAKE", "<L.Lakehouse>")];

const RULES: &str = "\
find_replace:
- {find_value: FIND-ME, replace_value: {dev: plain}}
- {find_value: FIND-ANY, ignore_case: true, replace_value: {dev: any}}
- {find_value: 'key=([A-Z]+);', is_regex: true, replace_value: {dev: group}}
";

/// The runs as one text; each match as `of` says.
fn joined(runs: &[(String, Option<usize>)], of: impl Fn(usize) -> String) -> String {
    let run = |(before, found): &(String, Option<usize>)| format!("{before}{}", found.map(&of).unwrap_or_default());
    runs.iter().map(run).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn text_beside_matches_stays_byte_for_byte(runs in runs()) {
        let written = joined(&runs, |found| match found {
            3 => id(12),
            _ => MATCHES[found].0.to_owned(),
        });
        let folder = Folder::new();
        folder.notebook("A", &id(1), &written).item("l", "Lakehouse", "L", &id(12)).file("parameter.yml", RULES);
        let expected = joined(&runs, |found| MATCHES[found].1.to_owned());
        prop_assert_eq!(notebook_text(&folder.items("dev"), "A"), expected);
    }

    #[test]
    fn json_around_a_value_keeps_its_layout(
        blanks in prop::collection::vec("[ \\t\\r\\n]{0,3}", 8), old in "[a-z0-9 é]{0,8}", new in "[a-z0-9 é]{1,8}",
        other in "[a-zA-Z0-9 ]{0,12}", number in "-?[1-9][0-9]{0,3}(\\.[0-9]{1,3})?(e[1-9])?",
    ) {
        let json = |value: &str| {
            let [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(|index| blanks[index].as_str());
            let value = serde_json::to_string(value).unwrap();
            format!("{{{a}\"other\"{b}:{c}\"{other}\",{d}\"deep\":{e}[{number},{f}{{\"server\":{value}}}{g}]{h}}}\n\n")
        };
        let folder = Folder::new();
        let rule = serde_json::json!({"key_value_replace": [
            {"find_key": "$.deep[1].server", "replace_value": {"dev": new}},
        ]});
        folder
            .item("p", "DataPipeline", "P", &id(1))
            .file("p/pipeline-content.json", json(&old))
            .file("parameter.yml", rule.to_string());
        let items = folder.items("dev");
        prop_assert_eq!(text(&parts(item(&items, "DataPipeline", "P"))[0].content), json(&new));
    }
}
