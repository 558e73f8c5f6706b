//! One name per secret, and no name for two.

use fabric_secrets::{NameError, SecretName, Version};
use proptest::prelude::*;

fn is_key_vault_name(name: &str) -> bool {
    (1..=127).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

proptest! {
    #[test]
    fn what_is_taken_is_a_name_in_key_vault_and_what_is_not_could_not_be_one(text in "\\PC{0,140}") {
        match SecretName::parse(&text) {
            Ok(name) => prop_assert!(is_key_vault_name(name.as_str())),
            Err(_) => prop_assert!(!is_key_vault_name(&text.replace('_', "-"))),
        }
    }

    #[test]
    fn every_spelling_leads_to_one_name(text in "[0-9a-zA-Z_-]{1,127}") {
        let name = SecretName::parse(&text).unwrap();
        for spelling in [text.to_uppercase(), text.to_lowercase(), text.replace('-', "_"), name.variable(), name.to_string()] {
            prop_assert_eq!(&SecretName::parse(&spelling).unwrap(), &name);
        }
    }

    #[test]
    fn two_names_share_neither_a_place_in_the_vault_nor_a_variable(
        one in "[aAbB01_-]{1,6}", other in "[aAbB01_-]{1,6}"
    ) {
        let (one, other) = (SecretName::parse(&one).unwrap(), SecretName::parse(&other).unwrap());
        let same = one == other;
        prop_assert_eq!(one.as_str().eq_ignore_ascii_case(other.as_str()), same);
        prop_assert_eq!(one.variable() == other.variable(), same);
    }
}

#[test]
fn a_name_that_key_vault_cannot_hold_is_an_error_that_does_not_repeat_it() {
    assert_eq!(SecretName::parse(""), Err(NameError::Empty));
    assert_eq!(SecretName::parse(&"a".repeat(128)), Err(NameError::TooLong { length: 128 }));
    assert_eq!(SecretName::parse("db.password"), Err(NameError::Character { character: '.', position: 3 }));
    // A Kelvin sign becomes a small k where letters are lowered carelessly.
    assert_eq!(SecretName::parse("\u{212a}ey"), Err(NameError::Character { character: '\u{212a}', position: 1 }));
    let mistaken = SecretName::parse("P@ssw0rd!").unwrap_err().to_string();
    assert!(!mistaken.contains("ssw0rd"), "{mistaken}");
}

#[test]
fn a_version_cannot_lead_out_of_its_place() {
    assert!(Version::pinned("0123456789abcdef0123456789abcdef").is_ok());
    for text in ["", "../other", "a/b", "a?b", &"a".repeat(65)] {
        assert_eq!(Version::pinned(text), Err(NameError::Version));
    }
}
