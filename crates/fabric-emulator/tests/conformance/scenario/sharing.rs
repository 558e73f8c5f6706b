//! Principals, roles and connections that a recorded request presupposes.

use serde_json::{Value, json};

use super::{Scenario, listed, text};
use crate::corpus::Exchange;
use crate::seed::{CALLER, RECORDED_CALLER};

impl Scenario {
    pub(super) fn roles(&mut self, exchange: &Exchange, workspace: &str, rest: &[&str]) {
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

    pub(super) fn connection(&mut self, exchange: &Exchange, rest: &[&str]) {
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
