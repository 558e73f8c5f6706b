//! Fills the parameters of an operation's path with things that exist.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Walk;
use crate::catalogue::is_parameter;
use crate::comparison::Observed;
use crate::headers;
use crate::scenario::Call;
use crate::tenant::{self, NOBODY, WORKSPACE};

/// Values of path parameters.
pub(super) type Ids = BTreeMap<&'static str, String>;

impl Walk<'_> {
    /// Makes what the path refers to and the seed cannot hold.
    pub(super) async fn prepare(&mut self) -> Ids {
        self.driver.arrange(self.tenant, &json!({"job_duration_ms": 60_000})).await;
        let mut ids = Ids::new();
        let path = &self.operation.path;
        let base = format!("/v1/workspaces/{WORKSPACE}/items");
        let notebook = format!("{base}/{}", tenant::id_of("Notebook"));
        if path.starts_with("/v1/operations") {
            let body = json!({"displayName": "Fresh", "type": "Notebook"});
            let answer = self.made(base, body).await;
            ids.insert("{operationId}", header(&answer, "x-ms-operation-id"));
        } else if path.contains("{jobInstanceId}") {
            let answer = self.made(format!("{notebook}/jobs/instances?jobType=RunNotebook"), json!({})).await;
            ids.insert("{jobInstanceId}", header(&answer, "location"));
        } else if path.contains("{scheduleId}") {
            let answer = self.made(format!("{notebook}/jobs/RunNotebook/schedules"), tenant::schedule()).await;
            ids.insert("{scheduleId}", header(&answer, "location"));
        } else if path.contains("{shortcutName}") {
            let owner = tenant::id_of("Lakehouse");
            self.made(format!("{base}/{owner}/shortcuts"), tenant::shortcut("prepared")).await;
            ids.insert("{shortcutName}", "prepared".to_owned());
        } else if path.ends_with("/cancelPublish") {
            self.driver.arrange(self.tenant, &json!({"operation_duration_ms": 60_000})).await;
            let environment = tenant::id_of("Environment");
            self.made(format!("/v1/workspaces/{WORKSPACE}/environments/{environment}/staging/publish"), Value::Null)
                .await;
        } else if path.contains("{deploymentPipelineId}") {
            let answer = self.made("/v1/deploymentPipelines".to_owned(), tenant::pipeline()).await;
            let text = |pointer| answer.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
            ids.insert("{deploymentPipelineId}", text("/id"));
            ids.insert("{stageId}", text("/stages/0/id"));
        }
        if path.contains("/git/") {
            // What one call commits must not be there for the next: each gets a branch of its own.
            let end = path.rsplit('/').next().unwrap_or_default();
            let branch = tenant::repository(&format!("{end}-{}", self.validated.len()));
            self.driver.host_repository(&tenant::repository("main"));
            ids.insert("{remoteCommitHash}", self.driver.host_repository(&branch));
            let git = format!("/v1/workspaces/{WORKSPACE}/git");
            if !path.ends_with("/connect") {
                self.made(format!("{git}/connect"), json!({"gitProviderDetails": branch})).await;
            }
            if ["/status", "/commitToGit", "/updateFromGit"].iter().any(|end| path.ends_with(end)) {
                self.made(format!("{git}/initializeConnection"), Value::Null).await;
            }
        }
        ids
    }

    async fn made(&mut self, target: String, body: Value) -> Observed {
        let answer = self.driver.send(&Call::post(target, body)).await;
        if answer.status >= 300 {
            self.faults.push(format!("preparing: {} {}", answer.status, answer.body));
        }
        answer
    }

    /// A call of the operation; what the path and the body leave open is taken from `ids`.
    pub(super) fn call(&self, ids: &Ids, mut body: Value) -> Call {
        for member in body.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
            if let Some(id) = member.as_str().and_then(|text| ids.get(text)) {
                *member = json!(id);
            }
        }
        let mut before = "";
        let mut filled = Vec::new();
        for segment in self.operation.path.split('/') {
            let value = if is_parameter(segment) {
                ids.get(segment)
                    .cloned()
                    .or_else(|| tenant::parameter(self.corpus, self.operation, before, segment))
                    .unwrap_or_else(|| NOBODY.to_owned())
            } else {
                segment.to_owned()
            };
            filled.push(value);
            before = segment;
        }
        let mut target = filled.join("/");
        let query = match self.operation.name.as_str() {
            name if name.ends_with("(legacy)") => "jobType=RunNotebook",
            _ => &self.operation.fixed_query,
        };
        if !query.is_empty() {
            target = format!("{target}?{query}");
        }
        Call { method: self.operation.method.clone(), target, body }
    }
}

/// A header's value, or the last segment of it.
fn header(answer: &Observed, name: &str) -> String {
    let value = headers::value(&answer.headers, name).unwrap_or(NOBODY);
    value.rsplit('/').next().unwrap_or_default().to_owned()
}
