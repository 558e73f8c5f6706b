//! Signing in with a device code: what the person is told, when the service is asked, how it ends.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request, StatusCode};
use fabric_identity::{DeviceCodeError, DeviceCodeFlow, Tokens};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::time::Instant;

/// Answers from a list, and remembers when it was asked what.
#[derive(Debug)]
struct Script {
    answers: Mutex<VecDeque<Result<(u16, Value), ()>>>,
    asked: Mutex<Vec<(Duration, String, String)>>,
    began: Instant,
}

#[async_trait]
impl HttpClient for Script {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let body = match request.body() {
            Body::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            Body::SeekableStream(_) => panic!("a form is bytes"),
        };
        self.asked.lock().unwrap().push((self.began.elapsed(), request.url().to_string(), body));
        match self.answers.lock().unwrap().pop_front().expect("nobody asks more often than is scripted") {
            Ok((status, body)) => {
                Ok(AsyncRawResponse::from_bytes(StatusCode::from(status), Headers::new(), body.to_string()))
            }
            Err(()) => Err(azure_core::Error::with_message(ErrorKind::Io, "no route to host")),
        }
    }
}

fn begun(interval: u64, expires_in: u64) -> Result<(u16, Value), ()> {
    Ok((
        200,
        json!({"user_code": "ABCD-1234", "device_code": "the-device-code", "verification_uri": "https://example.com/device",
            "interval": interval, "expires_in": expires_in}),
    ))
}

fn refused(status: u16, error: &str) -> Result<(u16, Value), ()> {
    Ok((status, json!({"error": error, "error_description": format!("{error} because\r\nTrace: 1")})))
}

fn granted() -> Result<(u16, Value), ()> {
    Ok((200, json!({"access_token": "the-token", "refresh_token": "the-refresh", "expires_in": 3600})))
}

struct Ended {
    outcome: Result<Tokens, DeviceCodeError>,
    /// When the service was asked, in seconds from the beginning.
    at: Vec<u64>,
    script: Arc<Script>,
}

/// The whole flow against these answers. Entra answers refusals with 400, GitHub with 200.
async fn run(github: bool, answers: Vec<Result<(u16, Value), ()>>) -> Ended {
    let script =
        Arc::new(Script { answers: Mutex::new(answers.into()), asked: Mutex::default(), began: Instant::now() });
    let transport = || Arc::clone(&script) as Arc<dyn HttpClient>;
    let flow = if github {
        DeviceCodeFlow::github("https://github.com", "client", "repo", transport())
    } else {
        DeviceCodeFlow::entra("https://login.microsoftonline.com/", "common", "client", "s offline_access", transport())
    };
    let flow = flow.unwrap();
    let invitation = flow.begin().await.unwrap();
    assert_eq!((invitation.user_code.as_str(), invitation.page.as_str()), ("ABCD-1234", "https://example.com/device"));
    assert!(!format!("{invitation:?} {flow:?}").contains("the-device-code"));
    let outcome = flow.wait(&invitation).await;
    let at = script.asked.lock().unwrap().iter().map(|(at, ..)| at.as_secs()).collect();
    Ended { outcome, at, script }
}

#[tokio::test(start_paused = true)]
async fn pending_and_slow_down_set_the_pace() {
    for (github, status) in [(true, 200), (false, 400)] {
        let ended = run(
            github,
            vec![
                begun(5, 900),
                refused(status, "authorization_pending"),
                refused(status, "slow_down"),
                refused(status, "authorization_pending"),
                Ok((status, json!({"error": "slow_down", "interval": 30}))),
                granted(),
            ],
        )
        .await;
        assert_eq!(ended.at, [0, 5, 10, 20, 30, 60], "github: {github}");
        let tokens = ended.outcome.unwrap();
        assert_eq!(tokens.access.expose_secret(), "the-token");
        assert_eq!(tokens.expires_in, Some(Duration::from_secs(3600)));
        assert!(!format!("{tokens:?}").contains("the-"));
        let asked = ended.script.asked.lock().unwrap();
        let (_, url, form) = &asked[1];
        let expected = if github {
            "https://github.com/login/oauth/access_token"
        } else {
            "https://login.microsoftonline.com/common/oauth2/v2.0/token"
        };
        assert_eq!(url, expected);
        assert!(form.contains("device_code=the-device-code") && form.contains("client_id=client"), "{form}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_who_declines_ends_it() {
    for (github, error) in [(true, "access_denied"), (false, "authorization_declined")] {
        let ended = run(github, vec![begun(5, 900), refused(400, error)]).await;
        assert_eq!(ended.outcome.unwrap_err(), DeviceCodeError::Declined);
        assert_eq!(ended.at, [0, 5]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_code_ends_it_whoever_notices() {
    let told = run(false, vec![begun(5, 900), refused(400, "expired_token")]).await;
    assert_eq!(told.outcome.unwrap_err(), DeviceCodeError::Expired);
    let pending = || refused(200, "authorization_pending");
    let noticed = run(true, vec![begun(5, 12), pending(), pending()]).await;
    assert_eq!(noticed.outcome.unwrap_err(), DeviceCodeError::Expired);
    assert_eq!(noticed.at, [0, 5, 10], "after twelve seconds nobody is asked any more");
}

#[tokio::test(start_paused = true)]
async fn a_network_that_comes_back_does_no_harm() {
    let ended = run(true, vec![begun(5, 900), Err(()), Ok((503, json!({}))), granted()]).await;
    assert!(ended.outcome.is_ok());
    assert_eq!(ended.at, [0, 5, 15, 35]);
}

#[tokio::test(start_paused = true)]
async fn anything_else_is_told_with_advice() {
    let ended = run(false, vec![begun(5, 900), refused(401, "invalid_client")]).await;
    let error = ended.outcome.unwrap_err();
    assert_eq!(error.to_string(), "the sign-in was refused with 401: invalid_client because");
    assert!(error.remedy().contains("client id"));
    let odd = run(true, vec![begun(5, 900), Ok((200, json!({"welcome": true})))]).await;
    assert_eq!(odd.outcome.unwrap_err(), DeviceCodeError::Unusable { status: 200 });
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_and_its_renewer_kept() {
    let ended = run(false, vec![begun(5, 900), granted()]).await;
    let refresh = ended.outcome.unwrap().refresh.unwrap();
    ended.script.answers.lock().unwrap().push_back(Ok((200, json!({"access_token": "newer"}))));
    let transport = Arc::clone(&ended.script) as Arc<dyn HttpClient>;
    let flow = DeviceCodeFlow::entra("https://login.microsoftonline.com", "common", "client", "s", transport).unwrap();
    let renewed = flow.refresh(&refresh).await.unwrap();
    assert_eq!(renewed.access.expose_secret(), "newer");
    assert_eq!(renewed.refresh.unwrap().expose_secret(), "the-refresh");
}

#[tokio::test]
async fn a_code_is_asked_for_only_where_a_secret_may_go() {
    let script = Script { answers: Mutex::default(), asked: Mutex::default(), began: Instant::now() };
    let transport: Arc<dyn HttpClient> = Arc::new(script);
    for (place, fine) in [
        ("https://github.example", true),
        ("http://127.0.0.1:4000", true),
        ("http://github.example", false),
        ("github.example", false),
    ] {
        let flow = DeviceCodeFlow::github(place, "c", "repo", Arc::clone(&transport));
        assert_eq!(flow.is_ok(), fine, "{place}");
        assert!(flow.err().is_none_or(|error| !error.remedy().is_empty()));
    }
}
