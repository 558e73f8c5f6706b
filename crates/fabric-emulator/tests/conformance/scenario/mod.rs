//! From a recorded exchange to what must be there before the request is sent again.

mod items;
mod sharing;

use serde_json::{Value, json};

use items::{before, report};

use crate::corpus::Exchange;
use crate::headers::is_guid;
use crate::item_types;
use crate::schema::Schemas;
use crate::seed::{CAPACITY, Seed};

/// A request to the emulator.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) body: Value,
}

impl Call {
    pub(crate) fn post(target: String, body: Value) -> Self {
        Self { method: "POST".to_owned(), target, body }
    }
}

/// Where an answer names the id of what it made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Capture {
    /// `x-ms-operation-id`.
    OperationId,
    /// The last segment of `Location`.
    Location,
    Nothing,
}

/// A request that makes what the recorded request refers to; the recorded id stands for the new one.
#[derive(Debug, Clone)]
pub(crate) struct Preparation {
    pub(crate) call: Call,
    pub(crate) capture: Capture,
    pub(crate) stands_for: String,
}

/// Everything needed to send a recorded request to the emulator.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) seed: Seed,
    pub(crate) settings: Value,
    pub(crate) preparations: Vec<Preparation>,
    pub(crate) call: Call,
    /// The answer is to be a throttled one.
    pub(crate) throttled: bool,
}

impl Scenario {
    pub(crate) fn of(exchange: &Exchange, schemas: &Schemas) -> Self {
        let mut scenario = Self {
            seed: Seed::new(),
            settings: json!({}),
            preparations: Vec::new(),
            call: Call { method: exchange.method.clone(), target: exchange.target(), body: exchange.request.clone() },
            throttled: exchange.status == 429,
        };
        let segments: Vec<&str> = exchange.path.trim_start_matches("/v1/").split('/').collect();
        match segments.as_slice() {
            ["operations", id, ..] => scenario.operation(exchange, id),
            ["workspaces", id, rest @ ..] => scenario.workspace(exchange, schemas, id, rest),
            ["workspaces"] if exchange.method == "GET" => {
                for workspace in listed(exchange) {
                    scenario.seed.put("workspaces", seeded_workspace(workspace));
                }
            }
            ["connections", rest @ ..] => scenario.connection(exchange, rest),
            _ => {}
        }
        scenario
    }

    fn operation(&mut self, exchange: &Exchange, id: &str) {
        let body = &exchange.body;
        let workspace = text(body, "workspaceId").unwrap_or("00000000-0000-0000-0000-00000000000a");
        self.seed.put("workspaces", seeded_workspace(&json!({"id": workspace, "capacityId": CAPACITY})));
        let mut item = json!({
            "displayName": text(body, "displayName").unwrap_or("Item"),
            "type": text(body, "type").unwrap_or("Notebook"),
        });
        for member in ["description", "folderId"] {
            if let Some(value) = body.get(member) {
                item[member] = value.clone();
            }
        }
        self.folder(workspace, body.get("folderId"));
        if body["type"] == "Report" {
            item["definition"] = report();
        }
        if body["status"] == "Running" {
            self.settings = json!({"operation_duration_ms": 60_000});
        }
        self.preparations.push(Preparation {
            call: Call::post(format!("/v1/workspaces/{workspace}/items"), item),
            capture: Capture::OperationId,
            stands_for: id.to_owned(),
        });
    }

    fn workspace(&mut self, exchange: &Exchange, schemas: &Schemas, id: &str, rest: &[&str]) {
        let mut workspace = match rest {
            [] => seeded_workspace(&exchange.body),
            _ => seeded_workspace(&json!({"capacityId": CAPACITY})),
        };
        workspace["id"] = json!(id);
        if matches!(rest, ["assignToCapacity" | "provisionIdentity"])
            || exchange.error_code() == Some("WorkspaceHasNoCapacityAssigned")
        {
            workspace.as_object_mut().unwrap().remove("capacityId");
        }
        if rest == ["deprovisionIdentity"] {
            workspace["identity"] = json!({
                "applicationId": "00000000-0000-0000-0000-00000000000b",
                "servicePrincipalId": "00000000-0000-0000-0000-00000000000c"});
        }
        self.seed.put("workspaces", workspace);
        for source in [&exchange.request, &exchange.body] {
            self.folder(id, source.get("folderId"));
        }
        match rest {
            ["folders", rest @ ..] => self.folders(exchange, id, rest),
            ["roleAssignments", rest @ ..] => self.roles(exchange, id, rest),
            ["items"] if exchange.method == "GET" => {
                for item in listed(exchange) {
                    self.folder(id, item.get("folderId"));
                    self.item(id, &item["id"], item["type"].as_str().unwrap(), item);
                }
            }
            ["items", item, rest @ ..] if is_guid(item) => self.generic_item(exchange, id, item, rest),
            [collection, item, ..] if is_guid(item) => {
                let held = text(&exchange.body, "type")
                    .map(str::to_owned)
                    .or_else(|| item_types::held_by(schemas, collection));
                if let Some(held) = held {
                    self.item(id, &json!(item), &held, &before(exchange));
                }
            }
            _ => {}
        }
        if rest == ["warehouses"] && exchange.status == 201 {
            // The same request was recorded 21 times with 202 and 6 times with 201; the emulator's usual answer is 202.
            self.settings = json!({"answers": "force_immediate"});
        }
        let parent = &exchange.request["creationPayload"]["parentEventhouseItemId"];
        if parent.is_string() {
            self.item(id, parent, "Eventhouse", &json!({"displayName": "Parent"}));
        }
        let source = &exchange.request["creationPayload"]["sourceDatabaseReference"]["itemId"];
        if source.is_string() {
            self.item(id, source, "SQLDatabase", &json!({"displayName": "Source"}));
        }
    }

    fn folders(&mut self, exchange: &Exchange, workspace: &str, rest: &[&str]) {
        for folder in listed(exchange) {
            self.folder(workspace, folder.get("parentFolderId"));
            let mut entity = folder.clone();
            entity["workspaceId"] = json!(workspace);
            self.seed.put("folders", entity);
        }
        let Some(id) = rest.first() else { return };
        let parent = if exchange.method == "GET" { exchange.body.get("parentFolderId") } else { None };
        self.folder(workspace, parent);
        self.folder(workspace, exchange.request.get("targetFolderId"));
        let name = match exchange.request.get("displayName") {
            Some(_) => "Before",
            None => text(&exchange.body, "displayName").unwrap_or("Folder"),
        };
        let mut folder = json!({"id": id, "workspaceId": workspace, "displayName": name});
        if let Some(parent) = parent {
            folder["parentFolderId"] = parent.clone();
        }
        self.seed.put("folders", folder);
        if exchange.error_code() == Some("FolderNotEmpty") {
            self.seed.put(
                "folders",
                json!({"id": "00000000-0000-0000-0000-00000000000d", "workspaceId": workspace,
                       "displayName": "Inner", "parentFolderId": id}),
            );
        }
    }

    fn prepare(&mut self, target: String, body: Value, capture: Capture, stands_for: &str) {
        self.preparations.push(Preparation {
            call: Call::post(target, body),
            capture,
            stands_for: stands_for.to_owned(),
        });
    }

    fn folder(&mut self, workspace: &str, id: Option<&Value>) {
        if let Some(Value::String(id)) = id {
            // Siblings need different names.
            let name = format!("Folder {}", &id[..8]);
            self.seed.put("folders", json!({"id": id, "workspaceId": workspace, "displayName": name}));
        }
    }
}

fn listed(exchange: &Exchange) -> impl Iterator<Item = &Value> {
    exchange.body.get("value").and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str()
}

fn seeded_workspace(body: &Value) -> Value {
    let mut workspace = json!({
        "id": body["id"],
        "displayName": text(body, "displayName").unwrap_or("Workspace"),
        "description": text(body, "description").unwrap_or(""),
        "type": text(body, "type").unwrap_or("Workspace"),
    });
    for (member, from) in [("capacityId", "capacityId"), ("identity", "workspaceIdentity")] {
        if let Some(value) = body.get(from) {
            workspace[member] = value.clone();
        }
    }
    workspace
}
