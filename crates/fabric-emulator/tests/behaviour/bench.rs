//! A running emulator and a client for it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fabric_emulator::{ACTIVE_CAPACITY, Emulator, EmulatorBuilder};
use reqwest::Method;
use serde_json::{Value, json};

/// An answer, read completely.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Got {
    /// The body as JSON; null where it is empty.
    pub(crate) fn json(&self) -> Value {
        if self.bytes.is_empty() { Value::Null } else { serde_json::from_slice(&self.bytes).unwrap() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and error code, or status alone.
    pub(crate) fn verdict(&self) -> String {
        match self.header("x-ms-public-api-error-code") {
            Some(code) => {
                assert_eq!(self.json()["errorCode"], code);
                assert_eq!(self.json()["requestId"].as_str(), self.header("requestid"));
                format!("{} {code}", self.status)
            }
            None => self.status.to_string(),
        }
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap_or_else(|| panic!("no id: {self:?}")).to_owned()
    }
}

/// An emulator with a workspace in it.
pub(crate) struct Bench {
    pub(crate) emulator: Emulator,
    pub(crate) client: reqwest::Client,
    pub(crate) token: String,
    pub(crate) workspace: String,
}

impl Bench {
    /// Real time, operations that take no time.
    pub(crate) async fn new() -> Self {
        Self::with(Emulator::builder()).await
    }

    /// Virtual time, operations of ten seconds.
    pub(crate) async fn slow() -> Self {
        Self::with(Emulator::builder().virtual_time(true).operation_duration(Duration::from_secs(10))).await
    }

    pub(crate) async fn with(builder: EmulatorBuilder) -> Self {
        let mut bench = Self::empty(builder).await;
        let wanted = json!({"displayName": "Bench", "capacityId": ACTIVE_CAPACITY});
        bench.workspace = bench.post("/v1/workspaces", &wanted).await.id();
        bench
    }

    pub(crate) async fn empty(builder: EmulatorBuilder) -> Self {
        let emulator = builder.start().await.unwrap();
        let token = emulator.token();
        Self { emulator, client: reqwest::Client::new(), token, workspace: String::new() }
    }

    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Got, reqwest::Error> {
        let url = format!("{}{path}", self.emulator.endpoint());
        let mut request = self.client.request(method, url);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Got { status, headers, bytes: response.bytes().await?.to_vec() })
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Got {
        self.try_send(method, path, body).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Got {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Got {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Got {
        self.send(Method::DELETE, path, None).await
    }

    /// A path below the workspace.
    pub(crate) fn at(&self, tail: &str) -> String {
        format!("/v1/workspaces/{}{tail}", self.workspace)
    }

    /// Creates something below the workspace, waits for its operation where there is one, and returns its id.
    pub(crate) async fn make(&self, collection: &str, body: &Value) -> String {
        let created = self.post(&self.at(collection), body).await;
        self.finished(created).await.id()
    }

    /// The answer, or the result of the operation that it announces, letting time pass.
    pub(crate) async fn finished(&self, answer: Got) -> Got {
        if answer.status != 202 {
            assert!(answer.status < 300, "{answer:?} {}", answer.json());
            return answer;
        }
        let operation = answer.header("x-ms-operation-id").unwrap().to_owned();
        self.emulator.advance(Duration::from_secs(60));
        let state = self.get(&format!("/v1/operations/{operation}")).await;
        assert_eq!(state.json()["status"], "Succeeded", "{}", state.json());
        self.get(&format!("/v1/operations/{operation}/result")).await
    }

    /// The definition of an item as text, by path.
    pub(crate) async fn definition(&self, item: &str) -> Vec<(String, String)> {
        let read = self.post(&self.at(&format!("/items/{item}/getDefinition")), &json!({})).await;
        parts(&self.finished(read).await.json()["definition"]["parts"])
    }

    /// Display names that a list shows, in alphabetical order.
    pub(crate) async fn names(&self, path: &str) -> Vec<String> {
        let listed = self.get(path).await.json();
        let mut names: Vec<String> = listed["value"]
            .as_array()
            .unwrap_or_else(|| panic!("{listed}"))
            .iter()
            .map(|entry| entry["displayName"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    }
}

/// Parts as path and text.
pub(crate) fn parts(parts: &Value) -> Vec<(String, String)> {
    let parts = parts.as_array().unwrap_or_else(|| panic!("{parts}"));
    parts
        .iter()
        .map(|part| {
            let content = STANDARD.decode(part["payload"].as_str().unwrap()).unwrap();
            (part["path"].as_str().unwrap().to_owned(), String::from_utf8(content).unwrap())
        })
        .collect()
}

/// A definition of the given parts.
pub(crate) fn definition(parts: &[(&str, &str)]) -> Value {
    let parts: Vec<Value> = parts.iter().map(|(path, text)| part(path, text)).collect();
    json!({ "parts": parts })
}

pub(crate) fn part(path: &str, text: &str) -> Value {
    json!({"path": path, "payload": STANDARD.encode(text), "payloadType": "InlineBase64"})
}

/// A `.platform` file.
pub(crate) fn platform(kind: &str, name: &str) -> String {
    json!({
        "metadata": {"type": kind, "displayName": name},
        "config": {"version": "2.0", "logicalId": "00000000-0000-0000-0000-000000000000"},
    })
    .to_string()
}

pub(crate) fn notebook(name: &str, text: &str) -> Value {
    json!({"displayName": name, "type": "Notebook", "definition": definition(&[("notebook-content.py", text)])})
}
