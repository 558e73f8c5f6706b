//! GitHub's sign-in with a code: refusals come with 200, and who asks too often waits longer.

use std::time::Duration;

use fabric_emulator::{Emulator, Service};
use serde_json::{Value, json};

const CLIENT: &str = "Iv1.0123456789abcdef";

/// An emulated GitHub in a time that stands still.
struct GitHub {
    emulator: Emulator,
    place: String,
    http: reqwest::Client,
}

/// A code for the application, and one for the person.
struct Codes {
    device: String,
    user: String,
}

impl GitHub {
    async fn new() -> Self {
        let emulator = Emulator::builder().service(Service::GitHub).virtual_time(true).start().await.unwrap();
        let place = emulator.endpoint_of(Service::GitHub).unwrap();
        Self { emulator, place, http: reqwest::Client::new() }
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let answer = self.http.post(format!("{}/{path}", self.place)).form(form).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    async fn begin(&self) -> Codes {
        let (status, begun) = self.post("login/device/code", &[("client_id", CLIENT), ("scope", "repo")]).await;
        assert_eq!((status, &begun["interval"], &begun["expires_in"]), (200, &json!(5), &json!(900)));
        assert_eq!(begun["verification_uri"], format!("{}/login/device", self.place));
        let text = |member: &str| begun[member].as_str().unwrap().to_owned();
        Codes { device: text("device_code"), user: text("user_code") }
    }

    async fn decide(&self, user: &str, decision: &str) -> u16 {
        self.post("login/device", &[("user_code", user), ("decision", decision)]).await.0
    }

    async fn token(&self, form: &[(&str, &str)]) -> Value {
        let (status, answer) = self.post("login/oauth/access_token", form).await;
        assert_eq!(status, 200, "a refusal too: {answer}");
        answer
    }

    async fn poll_as(&self, client: &str, device: &str) -> Value {
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        self.token(&[("client_id", client), ("grant_type", grant), ("device_code", device)]).await
    }

    async fn refresh(&self, client: &str, refresh: &Value) -> Value {
        let refresh = refresh.as_str().unwrap();
        self.token(&[("client_id", client), ("grant_type", "refresh_token"), ("refresh_token", refresh)]).await
    }

    /// What a question with the code is refused with, or `null`.
    async fn verdict(&self, device: &str) -> Value {
        self.poll_as(CLIENT, device).await["error"].clone()
    }
}

#[tokio::test]
async fn a_code_waits_for_a_person_and_counts_once() {
    let github = GitHub::new().await;
    let codes = github.begin().await;
    let page = github.http.get(format!("{}/login/device", github.place)).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("user_code"));
    assert_eq!(github.verdict(&codes.device).await, "authorization_pending");
    assert_eq!(github.poll_as("Iv1.somebody", &codes.device).await["error"], "incorrect_device_code");
    assert_eq!(github.decide(&codes.user.to_lowercase(), "approve").await, 200);
    assert_eq!(github.decide(&codes.user, "decline").await, 400, "it is decided");
    github.emulator.advance(Duration::from_secs(5));
    let granted = github.poll_as(CLIENT, &codes.device).await;
    assert!(granted["access_token"].as_str().unwrap().starts_with("ghu_"), "{granted}");
    assert_eq!((&granted["token_type"], &granted["expires_in"]), (&json!("bearer"), &json!(28_800)));
    github.emulator.advance(Duration::from_secs(5));
    assert_eq!(github.verdict(&codes.device).await, "expired_token");

    let other = github.begin().await;
    assert_eq!(github.verdict(&other.device).await, "authorization_pending", "each code has its own pace");
}

#[tokio::test]
async fn who_asks_too_often_is_slowed_down_more_each_time() {
    let github = GitHub::new().await;
    let codes = github.begin().await;
    assert_eq!(github.verdict(&codes.device).await, "authorization_pending");
    for interval in [10, 15] {
        github.emulator.advance(Duration::from_secs(interval - 6));
        let refused = github.poll_as(CLIENT, &codes.device).await;
        assert_eq!((&refused["error"], &refused["interval"]), (&json!("slow_down"), &json!(interval)));
    }
    github.emulator.advance(Duration::from_secs(15));
    assert_eq!(github.verdict(&codes.device).await, "authorization_pending");
}

#[tokio::test]
async fn a_code_is_declined_or_expires() {
    let github = GitHub::new().await;
    let declined = github.begin().await;
    assert_eq!(github.decide(&declined.user, "maybe").await, 400);
    assert_eq!(github.decide(&declined.user, "decline").await, 200);
    assert_eq!(github.verdict(&declined.device).await, "access_denied");
    let expired = github.begin().await;
    github.emulator.advance(Duration::from_secs(900));
    assert_eq!(github.verdict(&expired.device).await, "expired_token");
    assert_eq!(github.decide(&expired.user, "approve").await, 400);
    assert_eq!(github.decide("made-up", "approve").await, 400);
}

#[tokio::test]
async fn what_renews_a_token_does_so_once_and_for_its_application() {
    let github = GitHub::new().await;
    let codes = github.begin().await;
    github.decide(&codes.user, "approve").await;
    let granted = github.poll_as(CLIENT, &codes.device).await;
    let renewed = github.refresh(CLIENT, &granted["refresh_token"]).await;
    assert_ne!(renewed["access_token"], granted["access_token"]);
    assert_eq!(github.refresh(CLIENT, &granted["refresh_token"]).await["error"], "bad_refresh_token");
    assert_eq!(github.refresh("Iv1.somebody", &renewed["refresh_token"]).await["error"], "bad_refresh_token");
    assert_eq!(github.refresh(CLIENT, &json!("made-up")).await["error"], "bad_refresh_token");
    assert!(
        github.refresh(CLIENT, &renewed["refresh_token"]).await["access_token"].is_string(),
        "a stranger spent nothing"
    );
}

#[tokio::test]
async fn a_request_that_lacks_something_is_told_so() {
    let github = GitHub::new().await;
    let (status, nobody) = github.post("login/device/code", &[("scope", "repo")]).await;
    assert_eq!((status, &nobody["error"]), (200, &json!("incorrect_client_credentials")));
    assert_eq!(github.token(&[]).await["error"], "incorrect_client_credentials");
    let password = [("client_id", CLIENT), ("grant_type", "password")];
    assert_eq!(github.token(&password).await["error"], "unsupported_grant_type");
    assert_eq!(github.verdict("made-up").await, "incorrect_device_code");
}
