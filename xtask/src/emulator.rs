//! A binary's own `emulator serve`, as a process that ends with its owner.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::bench::Profile;
use crate::http;

/// The emulator's active capacity and its administrator: ids that every emulator starts with.
const CAPACITY: &str = "c0000000-0000-4000-8000-000000000001";
pub(crate) const ADMINISTRATOR: &str = "a0000000-0000-4000-8000-000000000001";
/// 2100-01-01, in seconds since 1970.
const FAR_FUTURE: i64 = 4_102_444_800;

/// A running emulator.
pub(crate) struct Emulator {
    process: Child,
    pub(crate) endpoint: String,
    pub(crate) token: String,
}

/// How many requests a server has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) requests: usize,
    /// Those of the requests that may have changed something.
    pub(crate) changing: usize,
}

#[derive(Deserialize)]
struct Ready {
    fabric: String,
}

impl Emulator {
    /// Starts it.
    ///
    /// # Errors
    /// It does not start.
    pub(crate) fn start(binary: &Path, profile: Profile, folder: &Path) -> anyhow::Result<Self> {
        let log = File::create(folder.join("emulator.log")).context("cannot write the emulator's log")?;
        let mut process = Command::new(binary)
            .args(["emulator", "serve", "--listen", "127.0.0.1:0"])
            .arg(format!("--latency={}ms", profile.latency))
            .arg(format!("--lro={}ms", profile.operation))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let token = token();
        let mut emulator = Self { process, endpoint: String::new(), token };
        let ready: Ready =
            serde_json::from_str(&line).with_context(|| format!("not the line of a ready emulator: {line:?}"))?;
        emulator.endpoint = ready.fabric;
        if profile.always {
            let settings = json!({"answers": "force_long_running"});
            http::request("PATCH", &emulator.endpoint, "/_emulator/settings", &emulator.token, Some(&settings))?;
        }
        Ok(emulator)
    }

    /// Creates an empty workspace with a capacity, and answers its id.
    ///
    /// # Errors
    /// The emulator refuses it.
    pub(crate) fn create_workspace(&self, name: &str) -> anyhow::Result<String> {
        let workspace = json!({"displayName": name, "capacityId": CAPACITY});
        let created = http::request("POST", &self.endpoint, "/v1/workspaces", &self.token, Some(&workspace))?;
        Ok(created.get("id").and_then(Value::as_str).context("the workspace has no id")?.to_owned())
    }

    /// The whole tenant as one document.
    ///
    /// # Errors
    /// The emulator does not answer.
    pub(crate) fn world(&self) -> anyhow::Result<Value> {
        http::request("GET", &self.endpoint, "/_emulator/world", &self.token, None)
    }

    /// Puts another tenant in the place of this one.
    ///
    /// # Errors
    /// The document is no tenant.
    pub(crate) fn set_world(&self, world: &Value) -> anyhow::Result<()> {
        http::request("PUT", &self.endpoint, "/_emulator/world", &self.token, Some(world)).map(drop)
    }

    /// The operating system's number of its process.
    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// What it has seen so far, control routes left out.
    pub(crate) fn traffic(&self) -> anyhow::Result<Traffic> {
        let answer = http::request("GET", &self.endpoint, "/_emulator/requests", &self.token, None)?;
        let records = answer.as_array().or_else(|| answer.get("value").and_then(Value::as_array));
        let records = records.context("the emulator's request log is not a list")?;
        let changing = records.iter().filter(|record| record.get("mutating") == Some(&Value::Bool(true))).count();
        Ok(Traffic { requests: records.len(), changing })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Traffic {
    /// What came after an earlier reading.
    pub(crate) fn since(self, before: &Self) -> Self {
        Self { requests: self.requests - before.requests, changing: self.changing - before.changing }
    }
}

/// A token of the shape the emulator reads. It opens nothing else: it is not signed.
fn token() -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"aud": "https://api.fabric.microsoft.com", "oid": ADMINISTRATOR, "exp": FAR_FUTURE});
    format!("{}.{}.", part(json!({"typ": "JWT", "alg": "none"})), part(claims))
}
