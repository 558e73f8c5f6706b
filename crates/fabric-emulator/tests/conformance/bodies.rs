//! Request bodies that a walk over all operations sends where the smallest valid body says too little.

use serde_json::{Value, json};

use crate::catalogue::Operation;
use crate::corpus::Corpus;
use crate::sample;
use crate::seed::CAPACITY;
use crate::tenant::{self, CONNECTION, FOLDER, OTHER_FOLDER, OTHER_USER, WORKSPACE};

/// The body for one operation.
pub(crate) fn body(corpus: &Corpus, operation: &Operation) -> Value {
    if let Some(body) = by_path(operation) {
        return body;
    }
    if operation.body.is_null() {
        return Value::Null;
    }
    let mut body = sample::body(&corpus.schemas, &operation.body);
    let smallest = body.as_object().is_some_and(serde_json::Map::is_empty);
    if smallest && operation.method == "PATCH" {
        body = json!({"description": "Changed"});
    }
    if let Some(parts) = body.pointer_mut("/definition/parts") {
        let held = tenant::type_in(corpus, operation).unwrap_or_else(|| "Notebook".to_owned());
        *parts = tenant::definition(&held)["parts"].clone();
    }
    body
}

fn by_path(operation: &Operation) -> Option<Value> {
    let path = operation.path.trim_start_matches("/v1/workspaces/{workspaceId}");
    Some(match (operation.method.as_str(), path) {
        ("POST", "/items") => json!({"displayName": "Fresh", "type": "Notebook"}),
        ("POST", "/kqlDatabases") => json!({"displayName": "Fresh", "creationPayload":
            {"databaseType": "ReadWrite", "parentEventhouseItemId": tenant::id_of("Eventhouse")}}),
        ("POST", "/digitalTwinBuilderFlows") => json!({"displayName": "Fresh", "creationPayload":
            {"digitalTwinBuilderItemReference": {"referenceType": "ById", "workspaceId": WORKSPACE,
             "itemId": tenant::id_of("DigitalTwinBuilder")}}}),
        ("POST", "/warehouseSnapshots") => json!({"displayName": "Fresh", "creationPayload":
            {"parentWarehouseId": tenant::id_of("Warehouse")}}),
        ("POST", "/sqlDatabases") => json!({"displayName": "Fresh", "creationPayload": {"creationMode": "New"}}),
        ("POST", "/assignToCapacity") => json!({"capacityId": CAPACITY}),
        ("POST", "/roleAssignments") => json!({"principal": {"id": OTHER_USER, "type": "User"}, "role": "Viewer"}),
        ("PATCH", "/roleAssignments/{workspaceRoleAssignmentId}") => json!({"role": "Contributor"}),
        ("PATCH", "/folders/{folderId}") => json!({"displayName": "Renamed"}),
        ("POST", "/folders/{folderId}/move") => json!({"targetFolderId": OTHER_FOLDER}),
        ("POST", "/items/{itemId}/move") => json!({"targetFolderId": FOLDER}),
        ("POST", "/items/bulkMove") => json!({"targetFolderId": FOLDER, "items": [tenant::id_of("Notebook")]}),
        ("POST", "/items/bulkExportDefinitions") => json!({"mode": "All"}),
        ("POST", "/items/bulkImportDefinitions") => json!({"definitionParts": tenant::import_parts()}),
        ("POST", "/items/{itemId}/shortcuts") => tenant::shortcut("fresh"),
        ("POST", "/items/{itemId}/shortcuts/bulkCreate") => {
            json!({"createShortcutRequests": [tenant::shortcut("fresh"), tenant::shortcut("second")]})
        }
        ("POST" | "PATCH", path) if path.contains("/schedules") => tenant::schedule(),
        ("POST", path) if path.ends_with("instances") => json!({}),
        ("POST", "/v1/connections") => json!({"displayName": "Fresh", "connectivityType": "ShareableCloud",
            "privacyLevel": "None",
            "connectionDetails": {"type": "SQL", "creationMethod": "SQL", "parameters": [
                {"dataType": "Text", "name": "server", "value": "server.example"},
                {"dataType": "Text", "name": "database", "value": "sales"}]},
            "credentialDetails": {"singleSignOnType": "None", "connectionEncryption": "NotEncrypted",
                "skipTestConnection": false, "credentials": {"credentialType": "Anonymous"}}}),
        ("PATCH", "/v1/connections/{connectionId}") => {
            json!({"connectivityType": "ShareableCloud", "privacyLevel": "Private"})
        }
        ("POST", "/v1/connections/{connectionId}/roleAssignments") => {
            json!({"principal": {"id": OTHER_USER, "type": "User"}, "role": "User"})
        }
        ("PATCH", "/v1/connections/{connectionId}/roleAssignments/{connectionRoleAssignmentId}") => {
            json!({"role": "UserWithReshare"})
        }
        ("POST", "/git/connect") => json!({"gitProviderDetails": tenant::repository("main")}),
        ("POST", "/git/initializeConnection") => json!({"initializationStrategy": "PreferWorkspace"}),
        ("POST", "/git/commitToGit") => json!({"mode": "All", "comment": "Walked"}),
        ("POST", "/git/updateFromGit") => json!({"remoteCommitHash": "{remoteCommitHash}"}),
        ("PATCH", "/git/myGitCredentials") => json!({"source": "Automatic"}),
        ("POST", "/v1/deploymentPipelines") => tenant::pipeline(),
        ("POST", path) if path.ends_with("/assignWorkspace") => json!({"workspaceId": tenant::EMPTY_WORKSPACE}),
        ("POST", path) if path.ends_with("/bindConnection") => json!({"connectionBinding": {
            "id": CONNECTION, "connectivityType": "ShareableCloud",
            "connectionDetails": {"type": "SQL", "path": "server.example;sales"}}}),
        _ => return None,
    })
}
