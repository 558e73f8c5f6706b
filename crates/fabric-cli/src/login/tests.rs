//! A sign-in with every kind of keyring: who keeps it, and who is not asked for it again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, StatusCode};
use serde_json::{Value, json};

use super::keep::double::{Keyring, Mood};
use super::*;

/// A provider that answers from a list.
#[derive(Debug)]
struct Script(Mutex<VecDeque<Value>>);

#[async_trait]
impl HttpClient for Script {
    async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
        let answer = self.0.lock().unwrap().pop_front().expect("nobody asks more often than is scripted");
        Ok(AsyncRawResponse::from_bytes(StatusCode::Ok, Headers::new(), answer.to_string()))
    }
}

const GITHUB: LoginProvider = LoginProvider::GitHub;

fn service() -> Service {
    Service {
        place: "https://github.com".to_owned(),
        tenant: String::new(),
        client: "Iv1.0123456789abcdef".to_owned(),
        scope: GITHUB_SCOPE.to_owned(),
    }
}

/// Signs in; gives the token and who keeps it, and which codes the person was shown.
async fn signs_in(keeper: &Keeper) -> (Result<(String, Option<String>), Failure>, Vec<String>) {
    let begun = json!({"user_code": "ABCD-1234", "device_code": "the-device-code", "interval": 5, "expires_in": 900,
        "verification_uri": "https://github.com/login/device"});
    let granted = json!({"access_token": "the-token", "refresh_token": "the-refresh", "expires_in": 28_800});
    let pending = json!({"error": "authorization_pending"});
    let script = Arc::new(Script(Mutex::new([begun, pending, granted].into())));
    let (place, client) = ("https://github.com", "Iv1.0123456789abcdef");
    let flow = DeviceCodeFlow::github(place, client, GITHUB_SCOPE, script).unwrap();
    let mut shown = Vec::new();
    let ended = admitted(GITHUB, service(), &flow, keeper, |invitation| shown.push(invitation.user_code.clone())).await;
    (ended.map(|(token, kept_in)| (exposed(&token), kept_in)), shown)
}

#[tokio::test(start_paused = true)]
async fn a_sign_in_is_kept_in_the_keyring_and_used_again() {
    let keyring = Keyring::new(Mood::Open);
    let (ended, shown) = signs_in(&keyring.keeper()).await;
    assert_eq!(ended.unwrap(), ("the-token".to_owned(), Some("keyring".to_owned())));
    assert_eq!(shown, ["ABCD-1234"]);
    let again = token_of(GITHUB, &keyring.keeper()).await.unwrap();
    assert_eq!(again.as_ref().map(exposed).as_deref(), Some("the-token"));
    assert!(token_of(LoginProvider::Entra, &keyring.keeper()).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn without_a_keyring_a_sign_in_is_good_for_this_process_alone() {
    for mood in [Mood::Absent, Mood::Locked, Mood::Forgetful] {
        let keyring = Keyring::new(mood);
        let (ended, _) = signs_in(&keyring.keeper()).await;
        assert_eq!(ended.unwrap(), ("the-token".to_owned(), None), "{mood:?}");
        assert_eq!(keyring.holds(), [""; 0], "{mood:?}");
        assert!(token_of(GITHUB, &keyring.keeper()).await.unwrap().is_none(), "{mood:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_keeps_it_only_if_the_person_names_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.json");
    let environment = Environment::of(&[]);
    assert!(matches!(keeper(None, &environment), Keeper::Keyring(_)));
    let named = keeper(Some(&file), &environment);
    let (ended, _) = signs_in(&named).await;
    assert_eq!(ended.unwrap().1, Some(file.display().to_string()));
    let environment = Environment::of(&[("FABRIC_TOKEN_FILE", file.to_str().unwrap())]);
    let again = token(GITHUB, &environment).await.unwrap();
    assert_eq!(again.as_ref().map(exposed).as_deref(), Some("the-token"));
    assert!(forget(GITHUB, None, &environment).unwrap());
    assert!(!forget(GITHUB, Some(&file), &environment).unwrap());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_where_the_file_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let (ended, shown) = signs_in(&Keeper::File(folder.path().to_owned())).await;
    assert!(matches!(ended, Err(Failure::Kept(KeepError::File { .. }))));
    assert_eq!(shown, [""; 0]);
}

#[tokio::test]
async fn a_token_that_ran_out_and_cannot_be_renewed_is_none() {
    let keyring = Keyring::new(Mood::Open);
    let tokens =
        Tokens { access: SecretString::from("old"), refresh: None, expires_in: Some(std::time::Duration::ZERO) };
    keyring.keeper().put(GITHUB.name(), &service().keep(&tokens)).unwrap();
    assert!(token_of(GITHUB, &keyring.keeper()).await.unwrap().is_none());
    let forever = Tokens { expires_in: None, ..tokens };
    keyring.keeper().put(GITHUB.name(), &service().keep(&forever)).unwrap();
    assert!(token_of(GITHUB, &keyring.keeper()).await.unwrap().is_some());
}
