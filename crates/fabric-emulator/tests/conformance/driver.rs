//! Talks to one in-process emulator over HTTP, as a client would, and through its control plane.

use fabric_emulator::{Emulator, Settings};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::comparison::Observed;
use crate::scenario::Call;

pub(crate) struct Driver {
    emulator: Emulator,
    client: Client,
    token: String,
}

impl Driver {
    pub(crate) async fn start() -> Self {
        let emulator = Emulator::builder().virtual_time(true).start().await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { token: emulator.token(), emulator, client }
    }

    /// Replaces the tenant, all settings and all faults.
    pub(crate) async fn arrange(&self, world: &Value, settings: &Value) {
        self.control("PUT", "world", world).await;
        self.emulator.set_faults(Vec::new());
        self.emulator.configure(|present| {
            *present = Settings { repositories: present.repositories.take(), ..Settings::default() };
        });
        if settings.as_object().is_some_and(|changes| !changes.is_empty()) {
            self.configure(settings).await;
        }
    }

    /// Makes a repository at the Git provider and says where its branch is.
    pub(crate) fn host_repository(&self, wanted: &Value) -> String {
        let folder = self.emulator.host_repository(wanted).unwrap();
        let reference = folder.join("refs/heads").join(wanted["branchName"].as_str().unwrap());
        std::fs::read_to_string(reference).unwrap().trim().to_owned()
    }

    /// Makes the next call of `call`'s kind answer as throttled.
    pub(crate) async fn throttle(&self, call: &Call) {
        let path = call.target.split('?').next();
        let fault = json!([{"match": {"method": call.method, "path": path}, "kind": {"throttled": {"seconds": 30}}}]);
        self.control("POST", "faults", &fault).await;
    }

    async fn control(&self, method: &str, what: &str, body: &Value) {
        let answer = self.request(method, &format!("/_emulator/{what}")).json(body).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{method} {what}: {status} {}", answer.text().await.unwrap());
    }

    /// Changes some settings.
    pub(crate) async fn configure(&self, settings: &Value) {
        self.control("PATCH", "settings", settings).await;
    }

    /// Sends a request as the administrator.
    pub(crate) async fn send(&self, call: &Call) -> Observed {
        self.send_with(Some(&self.token), call).await
    }

    /// Sends a request as another user.
    pub(crate) async fn send_as(&self, user: &str, call: &Call) -> Observed {
        self.send_with(Some(&self.emulator.token_for(user)), call).await
    }

    /// Sends a request, with a token or without.
    pub(crate) async fn send_with(&self, token: Option<&str>, call: &Call) -> Observed {
        let request = self.request(&call.method, &call.target);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let request = match &call.body {
            Value::Null => request.header("content-length", "0"),
            body => request.json(body),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
            .collect();
        let bytes = answer.bytes().await.unwrap();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)))
        };
        Observed { status, headers, body }
    }

    fn request(&self, method: &str, target: &str) -> RequestBuilder {
        let url = format!("{}{target}", self.emulator.endpoint());
        self.client.request(Method::from_bytes(method.as_bytes()).unwrap(), url)
    }
}
