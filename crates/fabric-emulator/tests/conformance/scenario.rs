//! From a recorded exchange to what must be there before the request is sent again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::corpus::Exchange;
use crate::headers::is_guid;
use crate::item_types;
use crate::schema::Schemas;
use crate::seed::{CALLER, CAPACITY, RECORDED_CALLER, Seed};

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

    fn roles(&mut self, exchange: &Exchange, workspace: &str, rest: &[&str]) {
        let mut assignments = Vec::new();
        let mut assigned: Vec<Value> = listed(exchange).cloned().collect();
        if let Some(id) = rest.first() {
            let mut assignment = json!({"role": "Contributor", "principal": {"id": id, "type": "User"}});
            if exchange.body["principal"].is_object() {
                assignment["principal"] = exchange.body["principal"].clone();
            }
            assigned.push(assignment);
        }
        for assignment in assigned {
            let mut principal = assignment["principal"].clone();
            if principal["id"] == RECORDED_CALLER {
                principal["id"] = json!(CALLER);
            }
            let mut entity = json!({
                "id": principal["id"],
                "type": principal["type"],
                "displayName": text(&principal, "displayName").unwrap_or("Somebody"),
            });
            if let Some(name) = principal.pointer("/userDetails/userPrincipalName") {
                entity["userPrincipalName"] = name.clone();
            }
            self.seed.put("principals", entity);
            assignments.push(json!({"principalId": principal["id"], "role": assignment["role"]}));
        }
        if !assignments.iter().any(|assignment| assignment["principalId"] == CALLER) {
            assignments.push(json!({"principalId": CALLER, "role": "Admin"}));
        }
        self.seed.edit("workspaces", workspace, "roleAssignments", &json!(assignments));
    }

    fn generic_item(&mut self, exchange: &Exchange, workspace: &str, id: &str, rest: &[&str]) {
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

    fn connection(&mut self, exchange: &Exchange, rest: &[&str]) {
        if exchange.method == "POST" && rest.is_empty() {
            self.call.body["connectionDetails"] = json!({"type": "SQL", "creationMethod": "SQL", "parameters": [
                {"dataType": "Text", "name": "server", "value": "server.example"},
                {"dataType": "Text", "name": "database", "value": "sales"}]});
            self.call.body["credentialDetails"] = json!({"singleSignOnType": "None", "skipTestConnection": false,
                "connectionEncryption": "NotEncrypted", "credentials": {"credentialType": "Anonymous"}});
        }
        for connection in listed(exchange).filter(|_| rest.is_empty()) {
            self.seed.put("connections", seeded_connection(connection));
        }
        if let Some(id) = rest.first() {
            let mut connection = seeded_connection(&exchange.body);
            connection["id"] = json!(id);
            if rest.len() > 1 {
                let owner = json!({"principalId": CALLER, "role": "Owner"});
                connection["roleAssignments"] = json!([owner]);
            }
            let principal = &exchange.request["principal"];
            if principal.is_object() && exchange.status == 201 {
                let user = json!({"id": principal["id"], "type": principal["type"], "displayName": "Somebody"});
                self.seed.put("principals", user);
            }
            self.seed.put("connections", connection);
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

    fn item(&mut self, workspace: &str, id: &Value, held: &str, state: &Value) {
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
        if state.pointer("/properties/oneLakeTablesPath") == Some(&Value::Null) {
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
fn before(exchange: &Exchange) -> Value {
    let mut state = if exchange.body.get("errorCode").is_some() { json!({}) } else { exchange.body.clone() };
    for member in ["displayName", "description"] {
        if exchange.request.get(member).is_some() {
            state[member] = json!("Before");
        }
    }
    state
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

fn seeded_connection(body: &Value) -> Value {
    let mut connection = json!({
        "id": body["id"],
        "displayName": text(body, "displayName").unwrap_or("Connection"),
        "connectivityType": text(body, "connectivityType").unwrap_or("ShareableCloud"),
        "connectionDetails": body.get("connectionDetails").cloned().unwrap_or_else(|| json!({"path": "server;database", "type": "SQL"})),
        "credentialDetails": {"credentialType": "Anonymous", "singleSignOnType": "None",
                              "connectionEncryption": "NotEncrypted", "skipTestConnection": false},
    });
    if let Some(gateway) = body.get("gatewayId") {
        connection["gatewayId"] = gateway.clone();
    }
    connection
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

fn report() -> Value {
    json!({"parts": [
        {"path": "definition.pbir", "payloadType": "InlineBase64", "payload": STANDARD.encode(
            r#"{"version":"4.0","datasetReference":{"byConnection":{"connectionString":"semanticmodelid=00000000-0000-0000-0000-00000000000f"}}}"#)},
        {"path": "report.json", "payload": "e30=", "payloadType": "InlineBase64"},
    ]})
}
