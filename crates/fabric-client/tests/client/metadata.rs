//! Layers learn from each request what it is.

use std::collections::HashSet;

use fabric_client::{NewShortcut, Safety, ShortcutConflict};
use http::Method;

use crate::exercise::{ITEM, WORKSPACE};
use crate::stub::{self, answer};

#[test]
fn operations_are_named_once_and_methods_fit_their_safety() {
    let mut names = HashSet::new();
    for route in fabric_client::routes() {
        let metadata = route.metadata;
        assert!(names.insert(metadata.operation), "{} twice", metadata.operation);
        match (&route.method, metadata.safety) {
            (&Method::GET, safety) => assert_eq!(safety, Safety::Read, "{}", metadata.operation),
            (&Method::PATCH | &Method::DELETE, safety) => {
                assert_eq!(safety, Safety::Idempotent, "{}", metadata.operation);
            }
            (method, _) => assert_eq!(*method, Method::POST, "{}", metadata.operation),
        }
    }
}

#[test]
fn creates_are_ambiguous() {
    for route in fabric_client::routes().filter(|route| route.metadata.operation.contains("Create")) {
        assert_eq!(route.metadata.safety, Safety::Ambiguous, "{}", route.metadata.operation);
    }
}

#[tokio::test]
async fn a_shortcut_that_overwrites_may_be_sent_again() {
    let (client, stub) = stub::client(|_| answer(500, &[], ""));
    let shortcuts = client.workspace(WORKSPACE).shortcuts(ITEM);
    let new = NewShortcut { path: "Files".into(), name: "raw".into(), target: serde_json::json!({}), transform: None };
    for (conflict, safety) in [
        (ShortcutConflict::Abort, Safety::Ambiguous),
        (ShortcutConflict::GenerateUniqueName, Safety::Ambiguous),
        (ShortcutConflict::CreateOrOverwrite, Safety::Idempotent),
        (ShortcutConflict::OverwriteOnly, Safety::Idempotent),
    ] {
        assert!(shortcuts.create(&new, conflict).await.is_err());
        assert_eq!(stub.seen().pop().unwrap().metadata.safety, safety, "{conflict:?}");
    }
}
