//! Key Vault: the challenge, versions, states of a secret, lists, and what is refused.

use std::time::Duration;

use fabric_emulator::{
    ADMINISTRATOR, Emulator, SERVICE_PRINCIPAL, SERVICE_PRINCIPAL_APPLICATION, SERVICE_PRINCIPAL_SECRET, Service,
    TENANT,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

struct Vault {
    emulator: Emulator,
    place: String,
    http: reqwest::Client,
    token: String,
}

struct Got {
    status: u16,
    body: Value,
}

impl Got {
    async fn from(answer: Response) -> Self {
        let status = answer.status().as_u16();
        Self { status, body: serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default() }
    }

    fn verdict(&self) -> (u16, &str, &str) {
        let error = &self.body["error"];
        let text = |value: &'static str| error.pointer(value).and_then(Value::as_str).unwrap_or_default();
        (self.status, text("/code"), text("/innererror/code"))
    }
}

impl Vault {
    async fn new(world: Value) -> Self {
        let builder = Emulator::builder().service(Service::Entra).service(Service::KeyVault).virtual_time(true);
        let emulator = builder.seed(world).start().await.unwrap();
        let place = emulator.endpoint_of(Service::KeyVault).unwrap();
        let mut vault = Self { emulator, place, http: reqwest::Client::new(), token: String::new() };
        vault.token = vault.token_for("https://vault.azure.net/.default").await;
        vault
    }

    async fn token_for(&self, scope: &str) -> String {
        let entra = self.emulator.endpoint_of(Service::Entra).unwrap();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &SERVICE_PRINCIPAL_APPLICATION.to_string()),
            ("client_secret", SERVICE_PRINCIPAL_SECRET),
            ("scope", scope),
        ];
        let answer = self.http.post(format!("{entra}/{TENANT}/oauth2/v2.0/token")).form(&form).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned()
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Got {
        let mark = if path.contains('?') { '&' } else { '?' };
        let url = format!("{}{path}{mark}api-version=7.6", self.place);
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        Got::from(request.send().await.unwrap()).await
    }

    async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, None).await
    }

    async fn set(&self, name: &str, value: &str) -> Got {
        self.send(Method::PUT, &format!("/secrets/{name}"), Some(json!({"value": value}))).await
    }
}

#[tokio::test]
async fn without_a_token_for_it_the_vault_says_where_to_get_one() {
    let vault = Vault::new(json!({})).await;
    let url = format!("{}/secrets/db?api-version=7.6", vault.place);
    let entra = vault.emulator.endpoint_of(Service::Entra).unwrap();
    let fabric = vault.token_for("https://api.fabric.microsoft.com/.default").await;
    for token in [None, Some(fabric), Some("nonsense".to_owned()), Some(vault.emulator.token())] {
        let mut request = vault.http.get(&url);
        if let Some(token) = &token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 401, "{token:?}");
        let expected = format!("Bearer authorization=\"{entra}/{TENANT}\", resource=\"https://vault.azure.net\"");
        assert_eq!(answer.headers()["www-authenticate"], expected.as_str());
    }
    vault.emulator.advance(Duration::from_secs(24 * 60 * 60));
    let late = vault.get("/secrets/db").await;
    assert_eq!(late.verdict().0, 401);
    assert!(late.body["error"]["message"].as_str().unwrap().starts_with("[TokenExpired]"));
}

#[tokio::test]
async fn each_writing_makes_a_version_and_the_newest_counts() {
    let vault = Vault::new(json!({"secrets": [{"name": "Seeded", "value": "from the seed"}]})).await;
    assert_eq!(vault.get("/secrets/seeded").await.body["value"], "from the seed");
    let first = vault.set("db", "one").await;
    vault.emulator.advance(Duration::from_secs(60));
    let second = vault.set("db", "two").await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_eq!(vault.get("/secrets/db/").await.body["value"], "two");
    let id = first.body["id"].as_str().unwrap();
    let version = id.rsplit('/').next().unwrap();
    assert_eq!(id, format!("{}/secrets/db/{version}", vault.place));
    assert_eq!(vault.get(&format!("/secrets/db/{version}")).await.body["value"], "one");
    assert_eq!(vault.get("/secrets/db/00000000").await.verdict(), (404, "SecretNotFound", ""));
    let versions = vault.get("/secrets/db/versions").await.body["value"].clone();
    assert_eq!((versions.as_array().unwrap().len(), &versions[0]["value"]), (2, &Value::Null));
    let attributes = &second.body["attributes"];
    assert_eq!((&attributes["enabled"], &attributes["created"]), (&json!(true), &json!(1_767_225_660)));
    assert_eq!(attributes["recoveryLevel"], "Recoverable+Purgeable");
}

#[tokio::test]
async fn disabled_and_deleted_secrets_are_not_given_out() {
    let vault = Vault::new(json!({})).await;
    vault.set("db", "one").await;
    let off = Some(json!({"attributes": {"enabled": false}}));
    assert_eq!(vault.send(Method::PATCH, "/secrets/db", off).await.body["attributes"]["enabled"], false);
    assert_eq!(vault.get("/secrets/db").await.verdict(), (403, "Forbidden", "SecretDisabled"));
    let on = Some(json!({"attributes": {"enabled": true}}));
    vault.send(Method::PATCH, "/secrets/db", on).await;

    let gone = vault.send(Method::DELETE, "/secrets/db", None).await;
    assert_eq!(gone.body["recoveryId"], format!("{}/deletedsecrets/db", vault.place));
    assert_eq!(vault.get("/secrets/db").await.verdict(), (404, "SecretNotFound", ""));
    assert_eq!(vault.set("db", "two").await.verdict(), (409, "Conflict", "ObjectIsDeletedButRecoverable"));
    assert_eq!(vault.get("/deletedsecrets/db").await.status, 200);
    assert_eq!(vault.send(Method::POST, "/deletedsecrets/db/recover", None).await.status, 200);
    assert_eq!(vault.get("/secrets/db").await.body["value"], "one");

    vault.send(Method::DELETE, "/secrets/db", None).await;
    assert_eq!(vault.send(Method::DELETE, "/deletedsecrets/db", None).await.status, 204);
    assert_eq!(vault.get("/deletedsecrets/db").await.verdict(), (404, "SecretNotFound", ""));
    assert_eq!(vault.set("db", "three").await.status, 200);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let secrets: Vec<Value> = (0..30).map(|n| json!({"name": format!("s{n:02}"), "value": "v"})).collect();
    let vault = Vault::new(json!({ "secrets": secrets })).await;
    let first = vault.get("/secrets").await;
    assert_eq!(first.body["value"].as_array().unwrap().len(), 25);
    assert_eq!(first.body["value"][0]["id"], format!("{}/secrets/s00", vault.place));
    let next = first.body["nextLink"].as_str().unwrap();
    let second = Got::from(vault.http.get(next).bearer_auth(&vault.token).send().await.unwrap()).await;
    assert_eq!((second.body["value"].as_array().unwrap().len(), &second.body["nextLink"]), (5, &Value::Null));
    let two = vault.get("/secrets?maxresults=2").await;
    assert!(two.body["nextLink"].as_str().unwrap().contains("maxresults=2"));
    assert_eq!(vault.get("/secrets?maxresults=26").await.verdict(), (400, "BadParameter", ""));
    vault.send(Method::DELETE, "/secrets/s00", None).await;
    let deleted = vault.get("/deletedsecrets").await.body;
    assert_eq!(deleted["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_access_policy_the_name_and_the_version_of_the_api_count() {
    let principals = json!([{
        "id": SERVICE_PRINCIPAL, "type": "ServicePrincipal", "displayName": "reader",
        "appId": SERVICE_PRINCIPAL_APPLICATION, "credentials": {"secrets": [SERVICE_PRINCIPAL_SECRET]},
        "vaultPermissions": ["get"],
    }]);
    let vault = Vault::new(json!({"principals": principals, "secrets": [{"name": "db", "value": "v"}]})).await;
    assert_eq!(vault.get("/secrets/db").await.status, 200);
    assert_eq!(vault.get("/secrets").await.verdict(), (403, "Forbidden", "AccessDenied"));
    assert_eq!(vault.set("db", "two").await.verdict(), (403, "Forbidden", "AccessDenied"));
    assert_eq!(vault.get("/secrets/a_b").await.verdict(), (400, "BadParameter", ""));
    for query in ["", "?api-version=1.0"] {
        let request = vault.http.get(format!("{}/secrets/db{query}", vault.place)).bearer_auth(&vault.token);
        assert_eq!(Got::from(request.send().await.unwrap()).await.verdict(), (400, "BadParameter", ""));
    }
    assert_eq!(vault.get("/keys/k").await.verdict(), (404, "NotFound", ""));
    vault.emulator.set_faults(
        serde_json::from_value(json!([{"match": {"service": "keyvault"}, "kind": {"throttled": {"seconds": 7}}}]))
            .unwrap(),
    );
    assert_eq!(vault.get("/secrets/db").await.verdict(), (429, "Throttled", ""));
    let seen = vault.emulator.requests();
    let last = seen.last().unwrap();
    assert_eq!((last.service, last.operation.as_deref()), (Service::KeyVault, Some("GetSecret")));
    assert!(seen.iter().all(|request| request.principal != Some(ADMINISTRATOR)));
}

#[tokio::test]
async fn secrets_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let start =
        || Emulator::builder().service(Service::Entra).service(Service::KeyVault).state_directory(folder.path());
    let world = {
        let emulator = start().seed(json!({"secrets": [{"name": "db", "value": "kept"}]})).start().await.unwrap();
        let world = emulator.world();
        emulator.stop().await;
        world
    };
    let again = start().start().await.unwrap();
    assert_eq!(again.world()["secrets"], world["secrets"]);
    assert_eq!(again.world()["secrets"][0]["versions"][0]["value"], "kept");
}
