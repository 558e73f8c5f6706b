//! Laws that hold for any text.

use fabric_deploy::content::Segment;
use proptest::prelude::*;

use super::{Folder, id, item, notebook_text, parts};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_file_that_nothing_is_said_about_stays_byte_for_byte(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let folder = Folder::new();
        folder.notebook("A", &id(1), &bytes);
        folder.file("parameter.yml", "find_replace:\n- find_value: 'not in there at all'\n  replace_value: {dev: y}\n");
        let items = folder.items("dev");
        let content = &parts(item(&items, "Notebook", "A"))[0].content;
        prop_assert_eq!(content.segments(), [Segment::Literal(bytes)]);
    }

    #[test]
    fn references_resolve_to_the_textual_replacement(
        pieces in prop::collection::vec(prop_oneof![
            Just(id(10)), Just(id(11).to_uppercase()), Just(id(12)), Just("-".to_owned()), "[a-f0-9-]{0,40}", "\\PC{0,12}",
        ], 0..12),
    ) {
        let source = pieces.concat();
        let folder = Folder::new();
        folder.notebook("A", &id(1), &source).item("b", "Lakehouse", "B", &id(10)).item("c", "Lakehouse", "C", &id(11));
        let expected = source
            .replace(&id(10), "<B.Lakehouse>")
            .replace(&id(10).to_uppercase(), "<B.Lakehouse>")
            .replace(&id(11), "<C.Lakehouse>")
            .replace(&id(11).to_uppercase(), "<C.Lakehouse>");
        prop_assert_eq!(notebook_text(&folder.items("dev"), "A"), expected);
    }

    #[test]
    fn parameters_replace_as_text_does(
        find in "[a-z]{1,3}", new in "[a-z<>\"\\\\$ ]{1,6}", source in "[a-z \\n\"]{0,200}",
    ) {
        prop_assume!(!new.starts_with('$'));
        let folder = Folder::new();
        let parameters = serde_json::json!({"find_replace": [{"find_value": find, "replace_value": {"dev": new}}]});
        folder.notebook("A", &id(1), &source).file("parameter.yml", parameters.to_string());
        prop_assert_eq!(notebook_text(&folder.items("dev"), "A"), source.replace(&find, &new));
    }
}
