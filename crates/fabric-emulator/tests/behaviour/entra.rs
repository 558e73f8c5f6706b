//! Entra: who gets a token for what proof, and what the others are told.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use fabric_emulator::{
    Emulator, IDENTITY_HEADER, SERVICE_PRINCIPAL, SERVICE_PRINCIPAL_APPLICATION, SERVICE_PRINCIPAL_SECRET, Service,
    TENANT, USER,
};
use rcgen::{CertificateParams, PKCS_RSA_SHA256};
use serde_json::{Value, json};

const FABRIC: &str = "https://api.fabric.microsoft.com/.default";

/// An emulated Entra in a time that stands still: 2026-01-01T00:00:00Z.
struct Entra {
    emulator: Emulator,
    place: String,
    http: reqwest::Client,
}

impl Entra {
    async fn new(world: Option<Value>) -> Self {
        let mut builder = Emulator::builder().service(Service::Entra).virtual_time(true);
        if let Some(world) = world {
            builder = builder.seed(world);
        }
        let emulator = builder.start().await.unwrap();
        let place = emulator.endpoint_of(Service::Entra).unwrap();
        Self { emulator, place, http: reqwest::Client::new() }
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let answer = self.http.post(format!("{}/{path}", self.place)).form(form).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    async fn token(&self, form: &[(&str, &str)]) -> (u16, Value) {
        self.post(&format!("{TENANT}/oauth2/v2.0/token"), form).await
    }

    /// The service principal's request, with this proof.
    async fn proving(&self, proof: &[(&str, &str)]) -> (u16, Value) {
        let client = SERVICE_PRINCIPAL_APPLICATION.to_string();
        let mut form = vec![("grant_type", "client_credentials"), ("client_id", &*client), ("scope", FABRIC)];
        form.extend(proof);
        self.token(&form).await
    }

    async fn fabric_says(&self, token: &str) -> u16 {
        let url = format!("{}/v1/workspaces", self.emulator.endpoint());
        self.http.get(url).bearer_auth(token).send().await.unwrap().status().as_u16()
    }
}

type Form<'a> = &'a [(&'a str, &'a str)];

fn number(refusal: &(u16, Value)) -> (u16, &str, u64) {
    (refusal.0, refusal.1["error"].as_str().unwrap(), refusal.1["error_codes"][0].as_u64().unwrap_or_default())
}

fn claims(token: &Value) -> Value {
    let claims = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64.decode(claims).unwrap()).unwrap()
}

#[tokio::test]
async fn a_secret_becomes_a_signed_token_that_fabric_takes_until_it_expires() {
    let entra = Entra::new(None).await;
    entra.emulator.configure(|settings| settings.token_lifetime = Duration::from_secs(3600));
    let (status, body) = entra.proving(&[("client_secret", SERVICE_PRINCIPAL_SECRET)]).await;
    assert_eq!((status, &body["token_type"], &body["expires_in"]), (200, &json!("Bearer"), &json!(3600)));
    let token = body["access_token"].as_str().unwrap();
    let said = claims(&body["access_token"]);
    assert_eq!((&said["oid"], &said["aud"]), (&json!(SERVICE_PRINCIPAL), &json!("https://api.fabric.microsoft.com")));
    assert_eq!(entra.fabric_says(token).await, 200);
    let forged = format!("{}AAAA", &token[..token.len() - 4]);
    assert_eq!(entra.fabric_says(&forged).await, 401);
    entra.emulator.advance(Duration::from_secs(3600));
    assert_eq!(entra.fabric_says(token).await, 401);

    let keys = entra.http.get(format!("{}/common/discovery/v2.0/keys", entra.place)).send().await.unwrap();
    let keys: Value = keys.json().await.unwrap();
    let header: Value = serde_json::from_slice(&BASE64.decode(token.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!(keys["keys"][0]["kid"], header["kid"]);
    assert_eq!(BASE64.decode(keys["keys"][0]["n"].as_str().unwrap()).unwrap().len(), 256);
    assert_eq!(keys["keys"][0]["e"], "AQAB");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_has_entras_number() {
    let expired = json!({"principals": [{
        "type": "ServicePrincipal", "displayName": "s", "appId": SERVICE_PRINCIPAL_APPLICATION,
        "credentials": {"secrets": ["right"], "expiredSecrets": ["old"]},
    }]});
    let entra = Entra::new(Some(expired)).await;
    let client = SERVICE_PRINCIPAL_APPLICATION.to_string();
    let cases: [(Form, (u16, &str, u64)); 9] = [
        (&[], (400, "invalid_request", 900_144)),
        (&[("grant_type", "password")], (400, "unsupported_grant_type", 70_003)),
        (&[("client_id", "b0000000-0000-4000-8000-000000000000")], (400, "unauthorized_client", 700_016)),
        (&[("client_secret", "wrong")], (401, "invalid_client", 7_000_215)),
        (&[("client_secret", "old")], (401, "invalid_client", 7_000_222)),
        (&[("client_id", &client)], (401, "invalid_client", 7_000_216)),
        (&[("client_secret", "right"), ("scope", "")], (400, "invalid_request", 900_144)),
        (&[("client_secret", "right"), ("scope", "https://vault.azure.net")], (400, "invalid_scope", 1_002_012)),
        (
            &[("client_secret", "right"), ("scope", "https://nowhere.example/.default")],
            (400, "invalid_resource", 500_011),
        ),
    ];
    for (change, expected) in cases {
        let mut form = vec![("grant_type", "client_credentials"), ("client_id", &*client), ("scope", FABRIC)];
        form.retain(|(name, _)| !change.iter().any(|(changed, _)| changed == name));
        form.extend(change);
        let form = if change.is_empty() { Vec::new() } else { form };
        let refusal = entra.token(&form).await;
        assert_eq!(number(&refusal), expected, "{change:?}: {}", refusal.1);
        let description = refusal.1["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{}: ", expected.2)), "{description}");
        assert!(description.ends_with("Timestamp: 2026-01-01 00:00:00Z"), "{description}");
        assert_eq!(refusal.1["trace_id"].as_str().unwrap().len(), 36);
    }
    let elsewhere = entra.post("nowhere.example/oauth2/v2.0/token", &[("grant_type", "client_credentials")]).await;
    assert_eq!(number(&elsewhere), (400, "invalid_request", 90_002));
}

/// A key with its certificate, and assertions that it signs.
struct Signer {
    key: KeyPair,
    pem: String,
    thumbprint: String,
}

impl Signer {
    fn new() -> Self {
        let key = rcgen::KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
        let certificate =
            CertificateParams::new(vec!["pipeline.example".to_owned()]).unwrap().self_signed(&key).unwrap();
        let print = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, certificate.der());
        let thumbprint = BASE64.encode(print);
        Self { key: KeyPair::from_pkcs8(key.serialized_der()).unwrap(), pem: certificate.pem(), thumbprint }
    }

    fn assertion(&self, claims: &Value) -> String {
        let header = json!({"alg": "RS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let content = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content.as_bytes(), &mut signature).unwrap();
        format!("{content}.{}", BASE64.encode(signature))
    }
}

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600;

fn world_trusting(credentials: &Value) -> Value {
    json!({"principals": [{
        "id": SERVICE_PRINCIPAL, "type": "ServicePrincipal", "displayName": "s",
        "appId": SERVICE_PRINCIPAL_APPLICATION, "credentials": credentials,
    }]})
}

impl Entra {
    async fn asserting(&self, assertion: &str) -> (u16, Value) {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        self.proving(&[("client_assertion_type", kind), ("client_assertion", assertion)]).await
    }
}

#[tokio::test]
async fn a_certificate_proves_who_asks_if_everything_about_the_assertion_is_right() {
    let (signer, stranger) = (Signer::new(), Signer::new());
    let entra = Entra::new(Some(world_trusting(&json!({"certificates": [signer.pem]})))).await;
    let client = SERVICE_PRINCIPAL_APPLICATION.to_string();
    let audience = format!("{}/{TENANT}/oauth2/v2.0/token", entra.place);
    let claims = json!({"aud": audience, "iss": client, "sub": client, "nbf": NOW, "exp": NOW + 600});
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    assert_eq!(entra.asserting(&signer.assertion(&claims)).await.0, 200);
    let fraction = with("exp", json!(1_767_225_660.25));
    assert_eq!(entra.asserting(&signer.assertion(&fraction)).await.0, 200, "as Microsoft's library for Python has it");
    let forged = Signer { thumbprint: signer.thumbprint.clone(), ..Signer::new() };
    let cases = [
        (stranger.assertion(&claims), 700_027),
        (forged.assertion(&claims), 700_027),
        (signer.assertion(&with("exp", json!(NOW))), 700_024),
        (signer.assertion(&with("nbf", json!(NOW + 3600))), 700_024),
        (signer.assertion(&with("aud", json!("https://login.example"))), 700_023),
        (signer.assertion(&with("sub", json!("somebody"))), 700_021),
        ("not.a-token".to_owned(), 50_027),
    ];
    for (assertion, expected) in cases {
        let refusal = entra.asserting(&assertion).await;
        assert_eq!(number(&refusal).2, expected, "{}", refusal.1);
    }
}

#[tokio::test]
async fn a_trusted_issuer_vouches_for_one_subject_and_audience() {
    let (issuer, stranger) = (Signer::new(), Signer::new());
    let federated = json!({
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:contoso/sales:ref:refs/heads/main",
        "certificate": issuer.pem,
    });
    let entra = Entra::new(Some(world_trusting(&json!({"federated": [federated]})))).await;
    let claims = json!({
        "iss": federated["issuer"], "sub": federated["subject"], "aud": "api://AzureADTokenExchange", "exp": NOW + 600,
    });
    let with = |name: &str, value: &str| {
        let mut changed = claims.clone();
        changed[name] = json!(value);
        changed
    };
    assert_eq!(entra.asserting(&issuer.assertion(&claims)).await.0, 200);
    let cases = [
        (issuer.assertion(&with("iss", "https://elsewhere.example")), 700_211),
        (issuer.assertion(&with("aud", "api://elsewhere")), 700_212),
        (issuer.assertion(&with("sub", "repo:contoso/sales:ref:refs/heads/other")), 700_213),
        (stranger.assertion(&claims), 50_013),
    ];
    for (assertion, expected) in cases {
        let refusal = entra.asserting(&assertion).await;
        assert_eq!(number(&refusal).2, expected, "{}", refusal.1);
    }
    let trusting_nobody = Entra::new(Some(world_trusting(&json!({"secrets": ["s"]})))).await;
    assert_eq!(number(&trusting_nobody.asserting(&issuer.assertion(&claims)).await).2, 70_025);
}

#[tokio::test]
async fn a_device_code_waits_for_a_person() {
    let entra = Entra::new(None).await;
    let client = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
    let scope = "https://api.fabric.microsoft.com/.default offline_access openid profile";
    let begin = async || {
        let path = format!("{TENANT}/oauth2/v2.0/devicecode");
        let (status, begun) = entra.post(&path, &[("client_id", client), ("scope", scope)]).await;
        assert_eq!((status, &begun["interval"], &begun["expires_in"]), (200, &json!(5), &json!(900)));
        (begun["device_code"].as_str().unwrap().to_owned(), begun["user_code"].as_str().unwrap().to_owned())
    };
    let poll = async |code: &str| {
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        entra.token(&[("grant_type", grant), ("client_id", client), ("device_code", code)]).await
    };
    let verdict = |answer: &(u16, Value)| answer.1["error"].as_str().unwrap_or("none").to_owned();

    let (device, user) = begin().await;
    assert_eq!(verdict(&poll(&device).await), "authorization_pending");
    assert_eq!(verdict(&poll(&device).await), "slow_down");
    entra.emulator.advance(Duration::from_secs(9));
    assert_eq!(verdict(&poll(&device).await), "slow_down", "the interval has grown to ten seconds");
    entra.emulator.advance(Duration::from_secs(15));
    assert_eq!(verdict(&poll(&device).await), "authorization_pending");
    let decision = [("user_code", &*user), ("decision", "approve"), ("principal", &USER.to_string())];
    assert_eq!(entra.post("devicelogin", &decision).await.0, 200);
    entra.emulator.advance(Duration::from_secs(15));
    let (status, tokens) = poll(&device).await;
    assert_eq!((status, &claims(&tokens["access_token"])["oid"]), (200, &json!(USER)));
    assert_eq!(claims(&tokens["id_token"])["preferred_username"], "user@emulator.example");
    entra.emulator.advance(Duration::from_secs(15));
    assert_eq!(number(&poll(&device).await), (400, "invalid_grant", 54_005));

    let refresh = tokens["refresh_token"].as_str().unwrap();
    let again = entra
        .token(&[("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", refresh), ("scope", scope)])
        .await;
    assert_eq!((again.0, &claims(&again.1["access_token"])["oid"]), (200, &json!(USER)));
    let made_up = [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", "made-up")];
    assert_eq!(number(&entra.token(&made_up).await), (400, "invalid_grant", 70_000));

    let (declined, user) = begin().await;
    entra.post("devicelogin", &[("user_code", &*user), ("decision", "decline")]).await;
    assert_eq!(verdict(&poll(&declined).await), "authorization_declined");
    let (expired, user) = begin().await;
    entra.emulator.advance(Duration::from_secs(900));
    assert_eq!(verdict(&poll(&expired).await), "expired_token");
    assert_eq!(entra.post("devicelogin", &[("user_code", &*user), ("decision", "approve")]).await.0, 400);
    assert_eq!(verdict(&poll("made-up").await), "bad_verification_code");
}

#[tokio::test]
async fn a_managed_identity_is_asked_for_as_machines_do() {
    let entra = Entra::new(None).await;
    let application = SERVICE_PRINCIPAL_APPLICATION.to_string();
    let ask = async |path: &str, header: (&str, &str), client: &str| {
        let url = format!("{}{path}&resource=https://vault.azure.net{client}", entra.place);
        let answer = entra.http.get(url).header(header.0, header.1).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let machine = "/metadata/identity/oauth2/token?api-version=2018-02-01";
    let service = "/msi/token?api-version=2019-08-01";
    for (path, header) in [(machine, ("metadata", "true")), (service, ("x-identity-header", IDENTITY_HEADER))] {
        let (status, token) = ask(path, header, "").await;
        assert_eq!((status, &claims(&token["access_token"])["aud"]), (200, &json!("https://vault.azure.net")));
        assert_eq!(token["expires_on"], (NOW + 24 * 60 * 60).to_string());
        assert_eq!(ask(path, header, &format!("&client_id={application}")).await.0, 200);
        let (status, refusal) = ask(path, header, &format!("&client_id={TENANT}")).await;
        assert_eq!((status, &refusal["error_description"]), (400, &json!("Identity not found")));
    }
    assert_eq!(ask(machine, ("other", "true"), "").await.0, 400);
    assert_eq!(ask(service, ("x-identity-header", "wrong"), "").await.0, 401);
    assert_eq!(ask("/msi/token?api-version=2017-09-01", ("x-identity-header", IDENTITY_HEADER), "").await.0, 400);
}
