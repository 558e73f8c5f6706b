//! Items that a recorded request presupposes, with their jobs, schedules and shortcuts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Capture, Scenario, listed, text};
use crate::corpus::Exchange;

impl Scenario {
    pub(super) fn generic_item(&mut self, exchange: &Exchange, workspace: &str, id: &str, rest: &[&str]) {
        let held = type_behind(exchange, rest);
        let state = if rest.is_empty() { before(exchange) } else { json!({"displayName": "Item"}) };
        self.item(workspace, &json!(id), &held, &state);
        let base = format!("/v1/workspaces/{workspace}/items/{id}");
        match rest {
            ["jobs", "instances", job] => {
                let ends = exchange.body["endTimeUtc"].is_string();
                if !ends {
                    self.settings = json!({"job_duration_ms": 600_000});
                }
                let kind = text(&exchange.body, "jobType").unwrap_or("RunNotebook");
                self.prepare(format!("{base}/jobs/instances?jobType={kind}"), json!({}), Capture::Location, job);
                if exchange.body["status"] == "Cancelled" {
                    self.prepare(format!("{base}/jobs/instances/{job}/cancel"), Value::Null, Capture::Nothing, "");
                }
            }
            ["jobs", kind, "schedules", rest @ ..] => {
                let listed = listed(exchange).next();
                let known = listed.unwrap_or(&exchange.body);
                let recorded = rest.first().copied().or_else(|| text(listed?, "id"));
                if let (Some(schedule), true) = (recorded, exchange.error_code() != Some("ScheduleNotFound")) {
                    let configuration = known.get("configuration").cloned().unwrap_or_else(|| {
                        json!({"type": "Cron", "startDateTime": "2024-01-23T00:00:00", "interval": 10,
                               "endDateTime": "2024-10-07T23:59:00", "localTimeZoneId": "UTC"})
                    });
                    let body = json!({"enabled": true, "configuration": configuration});
                    self.prepare(format!("{base}/jobs/{kind}/schedules"), body, Capture::Location, schedule);
                }
            }
            ["shortcuts", path @ .., name] => self.shortcut(exchange, &base, workspace, path, name),
            ["shortcuts"] if exchange.query.contains("Overwrite") => {
                let (path, name) = (text(&exchange.request, "path"), text(&exchange.request, "name"));
                self.shortcut(exchange, &base, workspace, &[path.unwrap()], name.unwrap());
            }
            _ => {}
        }
        if let Some(target) = exchange.request.pointer("/target/oneLake/itemId") {
            self.item(workspace, target, "Lakehouse", &json!({"displayName": "Target"}));
        }
    }

    fn shortcut(&mut self, exchange: &Exchange, base: &str, workspace: &str, path: &[&str], name: &str) {
        let target = exchange.body.pointer("/target/oneLake/itemId").cloned();
        let target = target.unwrap_or_else(|| json!("00000000-0000-0000-0000-00000000000e"));
        self.item(workspace, &target, "Lakehouse", &json!({"displayName": "Target"}));
        let body = json!({"name": name, "path": path.join("/"), "target":
            {"oneLake": {"workspaceId": workspace, "itemId": target, "path": "Files"}}});
        self.prepare(format!("{base}/shortcuts"), body, Capture::Nothing, "");
    }

    pub(super) fn item(&mut self, workspace: &str, id: &Value, held: &str, state: &Value) {
        let mut item = json!({
            "id": id,
            "workspaceId": workspace,
            "type": held,
            "displayName": text(state, "displayName").unwrap_or("Item"),
            "description": text(state, "description").unwrap_or(""),
        });
        if let Some(folder) = state.get("folderId") {
            item["folderId"] = folder.clone();
        }
        if let Some(reference) = state.pointer("/properties/digitalTwinBuilderItemReference") {
            item["creationPayload"] = json!({"digitalTwinBuilderItemReference": reference});
        }
        if let Some(parent) = state.pointer("/properties/parentEventhouseItemId") {
            item["parent"] = parent.clone();
            item["creationPayload"] = json!({"databaseType": "ReadWrite", "parentEventhouseItemId": parent});
            self.item(workspace, parent, "Eventhouse", &json!({"displayName": "Parent"}));
        }
        if state.pointer("/properties/defaultSchema").is_some() {
            item["creationPayload"] = json!({"enableSchemas": true});
        }
        if state.pointer("/properties/oneLakeTablesPath") == Some(&Value::Null) || state["status"] == "Initializing" {
            item["readyFrom"] = json!(i64::MAX);
        }
        self.children(workspace, id, state);
        self.seed.put("items", item);
    }

    /// The items that the properties of another one name.
    fn children(&mut self, workspace: &str, parent: &Value, state: &Value) {
        let databases = state.pointer("/properties/databasesItemIds").and_then(Value::as_array);
        let endpoint = state.pointer("/properties/sqlEndpointProperties/id").filter(|id| id.is_string());
        let named = databases.into_iter().flatten().map(|id| (id, "KQLDatabase"));
        for (id, held) in named.chain(endpoint.map(|id| (id, "SQLEndpoint"))) {
            self.seed.put(
                "items",
                json!({"id": id, "workspaceId": workspace, "type": held,
                "displayName": "Child", "parent": parent}),
            );
        }
    }
}

/// The item as it was before the request: what the request does not change is as the answer says.
pub(super) fn before(exchange: &Exchange) -> Value {
    let mut state = if exchange.body.get("errorCode").is_some() { json!({}) } else { exchange.body.clone() };
    for member in ["displayName", "description"] {
        if exchange.request.get(member).is_some() {
            state[member] = json!("Before");
        }
    }
    state
}

/// The type of an item that the path calls only `items/{id}`.
fn type_behind(exchange: &Exchange, rest: &[&str]) -> String {
    let said = match rest {
        [] => text(&exchange.body, "type"),
        ["jobs", "instances", ..] => None,
        ["jobs", kind, ..] => Some(type_of_job(kind)),
        ["shortcuts" | "externalDataShares" | "dataAccessRoles", ..] => Some("Lakehouse"),
        ["connections"] => Some("VariableLibrary"),
        ["getDefinition"] if exchange.status == 202 => Some("KQLDatabase"),
        _ => None,
    };
    let by_query = exchange.query.strip_prefix("jobType=").map(type_of_job);
    let parts = [&exchange.request, &exchange.body].into_iter().find_map(type_in_platform);
    said.or(by_query).map(str::to_owned).or(parts).unwrap_or_else(|| "Notebook".to_owned())
}

fn type_of_job(kind: &str) -> &'static str {
    match kind {
        "Pipeline" => "DataPipeline",
        "sparkjob" => "SparkJobDefinition",
        _ => "Notebook",
    }
}

/// The type that the `.platform` part of a definition names.
fn type_in_platform(body: &Value) -> Option<String> {
    let parts = body.pointer("/definition/parts")?.as_array()?;
    let part = parts.iter().find(|part| part["path"] == ".platform")?;
    let content = STANDARD.decode(part["payload"].as_str()?).ok()?;
    let platform: Value = serde_json::from_slice(&content).ok()?;
    Some(platform.pointer("/metadata/type")?.as_str()?.to_owned())
}

pub(super) fn report() -> Value {
    json!({"parts": [
        {"path": "definition.pbir", "payloadType": "InlineBase64", "payload": STANDARD.encode(
            r#"{"version":"4.0","datasetReference":{"byConnection":{"connectionString":"semanticmodelid=00000000-0000-0000-0000-00000000000f"}}}"#)},
        {"path": "report.json", "payload": "e30=", "payloadType": "InlineBase64"},
    ]})
}
