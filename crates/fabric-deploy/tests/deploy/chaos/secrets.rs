//! What a journal may hold, what only a before-image may, and what nothing may.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use fabric_txn::JournalStore;

use super::files::{CONTENT_CANARY, SECRET_CANARY};
use super::life::Life;
use super::scenario::{Scenario, run};
use super::session::Ended;

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn no_token_is_stored_and_content_in_before_images_only() {
    let scenario = Scenario::get();
    run(async {
        let stage = scenario.deployed().await;
        assert_eq!(stage.process(&Life::long()).rollback().await, Some(Ended::RolledBack));
        let all = stage.store.dump();
        assert!(!holds(&all, &stage.emulator.token()));
        let journal = stage.store.read(stage.transaction().await.unwrap()).await.unwrap().unwrap();
        let encoded = in_base64(CONTENT_CANARY);
        assert!(!holds(&journal, CONTENT_CANARY));
        assert!(encoded.iter().all(|canary| !holds(&journal, canary)));
        assert!(encoded.iter().any(|canary| holds(&all, canary)), "the before-images hold what the undo needs");

        let escaped = SECRET_CANARY.replace('"', "\\\"");
        for secret in [SECRET_CANARY, &escaped] {
            assert!(!holds(&all, secret));
            assert!(in_base64(secret).iter().all(|secret| !holds(&all, secret)), "not even in before-images");
        }
        assert!(holds(&all, "password/1"), "they name it, in the version that was used");
        let sent = stage.emulator.world().to_string();
        assert!(in_base64(SECRET_CANARY).iter().any(|secret| sent.contains(secret)) || sent.contains(&escaped));
    });
}

/// A text in base64, at any of its three positions in a group of three bytes.
fn in_base64(text: &str) -> Vec<String> {
    let encoded = ["", "x", "xy"].map(|before| {
        let encoded = STANDARD_NO_PAD.encode(format!("{before}{text}"));
        encoded[4..encoded.len() - 4].to_owned()
    });
    encoded.to_vec()
}
