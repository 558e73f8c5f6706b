//! What a journal may hold, and what only a before-image may.

use fabric_txn::JournalStore;

use super::life::Life;
use super::product::CONTENT_CANARY;
use super::scenario::{Scenario, run};
use super::session::Ended;

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn no_token_is_stored_and_content_in_before_images_only() {
    use base64::Engine;
    let scenario = Scenario::get();
    run(async {
        let stage = scenario.deployed().await;
        assert_eq!(stage.process(&Life::long()).rollback().await, Some(Ended::RolledBack));
        let all = stage.store.dump();
        assert!(!holds(&all, &stage.emulator.token()));
        let journal = stage.store.read(stage.transaction().await.unwrap()).await.unwrap().unwrap();
        // At any of its three positions in a group of three bytes.
        let encoded: Vec<String> = ["", "x", "xy"]
            .iter()
            .map(|before| {
                let text = format!("{before}{CONTENT_CANARY}");
                let encoded = base64::engine::general_purpose::STANDARD_NO_PAD.encode(text);
                encoded[4..encoded.len() - 4].to_owned()
            })
            .collect();
        assert!(!holds(&journal, CONTENT_CANARY));
        assert!(encoded.iter().all(|canary| !holds(&journal, canary)));
        assert!(encoded.iter().any(|canary| holds(&all, canary)), "the before-images hold what the undo needs");
    });
}
