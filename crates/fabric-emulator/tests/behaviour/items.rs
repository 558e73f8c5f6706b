//! Items: created, listed, renamed, deleted; their children and late properties.

use std::time::Duration;

use fabric_emulator::{Emulator, SERVICE_PRINCIPAL};
use serde_json::{Value, json};

use crate::bench::{Bench, definition, notebook, part};

const NOWHERE: &str = "11111111-1111-4111-8111-111111111111";

#[tokio::test]
async fn creations_are_refused_for_the_documented_reasons() {
    let bench = Bench::new().await;
    bench.make("/items", &notebook("taken", "x")).await;
    let with = |base: &Value, name: &str, value: Value| {
        let mut body = base.clone();
        body[name] = value;
        body
    };
    let plain = notebook("free", "x");
    let parts = |part: Value| with(&plain, "definition", json!({"parts": [part]}));
    let report = json!({"displayName": "r", "type": "Report"});
    let database = json!({"displayName": "d", "type": "KQLDatabase"});
    let cases = [
        (with(&plain, "type", json!("Nonsense")), "400 InvalidItemType"),
        (with(&plain, "type", json!("SQLEndpoint")), "400 InvalidItemType"),
        (with(&plain, "displayName", json!("TAKEN")), "409 ItemDisplayNameAlreadyInUse"),
        (with(&plain, "displayName", json!("")), "400 InvalidInput"),
        (with(&plain, "displayName", json!("x".repeat(257))), "400 InvalidInput"),
        (with(&plain, "description", json!("x".repeat(257))), "400 InvalidInput"),
        (with(&plain, "folderId", json!(NOWHERE)), "404 FolderNotFound"),
        (with(&plain, "creationPayload", json!({})), "400 RequestWithDefinitionAndCreationPayloadNotSupported"),
        (
            json!({"displayName": "n", "type": "Notebook", "creationPayload": {}}),
            "400 ItemTypeDoesNotSupportCreationPayload",
        ),
        (report.clone(), "400 MissingDefinition"),
        (with(&plain, "definition", json!({"parts": []})), "400 MissingDefinitionParts"),
        (with(&plain, "definition", definition(&[("other.txt", "x")])), "400 InvalidDefinitionParts"),
        (
            parts(json!({"path": "notebook-content.py", "payload": "%%", "payloadType": "InlineBase64"})),
            "400 CorruptedPayload",
        ),
        (
            parts(json!({"path": "notebook-content.py", "payload": "", "payloadType": "Link"})),
            "400 UnsupportedPayloadType",
        ),
        (parts(json!({"path": "notebook-content.py"})), "400 BadRequest"),
        (parts(part(".platform", "nonsense")), "400 InvalidPlatformFile"),
        (
            with(&plain, "definition", json!({"format": "pdf", "parts": [part("notebook-content.py", "x")]})),
            "400 InvalidDefinitionFormat",
        ),
        (
            json!({"displayName": "w", "type": "Warehouse", "definition": definition(&[("x", "x")])}),
            "400 OperationNotSupportedForItem",
        ),
        (json!({"displayName": "bad-name", "type": "Lakehouse"}), "400 InvalidInput"),
        (database.clone(), "400 InvalidInput"),
        (with(&database, "creationPayload", json!({"parentEventhouseItemId": NOWHERE})), "404 ItemNotFound"),
        (json!([]), "400 BadRequest"),
        (with(&plain, "folderId", json!("")), "202"),
    ];
    for (body, expected) in cases {
        assert_eq!(bench.post(&bench.at("/items"), &body).await.verdict(), expected, "{body}");
    }
    let mismatch = bench.post(&bench.at("/notebooks"), &report).await;
    assert_eq!(mismatch.verdict(), "400 InvalidItemType");
}

#[tokio::test]
async fn power_bi_items_may_share_a_name() {
    let bench = Bench::new().await;
    let report = json!({"displayName": "same", "definition": definition(&[("definition.pbir", "{}")])});
    bench.make("/reports", &report).await;
    bench.make("/reports", &report).await;
    assert_eq!(bench.names(&bench.at("/items?type=report")).await, ["same", "same"]);
}

#[tokio::test]
async fn service_principals_are_refused_by_some_types() {
    let mut bench = Bench::new().await;
    let given = json!({"principal": {"id": SERVICE_PRINCIPAL, "type": "ServicePrincipal"}, "role": "Contributor"});
    bench.post(&bench.at("/roleAssignments"), &given).await;
    bench.token = bench.emulator.token_for(&SERVICE_PRINCIPAL.to_string());
    let refused = bench.post(&bench.at("/mlModels"), &json!({"displayName": "m"})).await;
    assert_eq!(refused.verdict(), "403 PrincipalTypeNotSupported");
    let hard = bench.make("/items", &notebook("n", "x")).await;
    let deleted = bench.delete(&bench.at(&format!("/items/{hard}?hardDelete=true"))).await;
    assert_eq!(deleted.verdict(), "403 InsufficientWorkspaceRole");
    assert_eq!(bench.delete(&bench.at(&format!("/items/{hard}"))).await.verdict(), "200");
}

#[tokio::test]
async fn typed_and_generic_collections_show_the_same_items() {
    let bench = Bench::new().await;
    let id = bench.make("/NOTEBOOKS", &json!({"displayName": "n"})).await;
    let shown = bench.get(&bench.at(&format!("/notebooks/{id}"))).await;
    assert_eq!(shown.header("etag"), Some("\"\""));
    let expected =
        json!({"id": id, "type": "Notebook", "displayName": "n", "description": "", "workspaceId": bench.workspace});
    assert_eq!(shown.json(), expected);
    assert_eq!(bench.get(&bench.at(&format!("/items/{id}"))).await.json(), expected);
    assert_eq!(bench.get(&bench.at(&format!("/reports/{id}"))).await.verdict(), "404 ItemNotFound");
    assert_eq!(bench.names(&bench.at("/items?type=notebook")).await, ["n"]);
    assert_eq!(bench.names(&bench.at("/items?type=Report")).await, Vec::<String>::new());
    assert_eq!(bench.get(&bench.at("/items?type=Nonsense")).await.verdict(), "400 InvalidItemType");
}

#[tokio::test]
async fn items_are_renamed_where_their_type_allows() {
    let bench = Bench::new().await;
    let first = bench.make("/items", &notebook("first", "x")).await;
    bench.make("/items", &notebook("second", "x")).await;
    let cosmos = bench.make("/cosmosDbDatabases", &json!({"displayName": "c"})).await;
    let at = |id: &str| bench.at(&format!("/items/{id}"));
    let cases = [
        (&first, json!({}), "400 InvalidRequest"),
        (&first, json!({"displayName": "Second"}), "409 ItemDisplayNameAlreadyInUse"),
        (&first, json!({"displayName": "first", "description": "d"}), "200"),
        (&first, json!({"displayName": "third"}), "200"),
        (&cosmos, json!({"displayName": "d"}), "400 CosmosDBDatabaseDisplayNameCannotBeChanged"),
        (&cosmos, json!({"description": "d"}), "200"),
    ];
    for (id, body, expected) in cases {
        assert_eq!(bench.patch(&at(id), &body).await.verdict(), expected, "{body}");
    }
    let shown = bench.get(&at(&first)).await.json();
    assert_eq!((&shown["displayName"], &shown["description"]), (&json!("third"), &json!("d")));
}

#[tokio::test]
async fn a_deleted_name_stays_taken_for_a_while() {
    let held = |settings: &mut fabric_emulator::Settings| settings.name_reservation = Duration::from_secs(240);
    let bench = Bench::with(Emulator::builder().virtual_time(true).configure(held)).await;
    let id = bench.make("/items", &notebook("n", "x")).await;
    bench.delete(&bench.at(&format!("/items/{id}"))).await;
    let again = bench.post(&bench.at("/items"), &notebook("N", "x")).await;
    assert_eq!(again.verdict(), "409 ItemDisplayNameNotAvailableYet");
    assert_eq!(again.json()["isRetriable"], true);
    assert_eq!(bench.post(&bench.at("/dataPipelines"), &json!({"displayName": "n"})).await.status, 201);
    bench.emulator.advance(Duration::from_secs(240));
    bench.make("/items", &notebook("n", "x")).await;
}

#[tokio::test]
async fn old_tenants_answer_400_to_name_conflicts() {
    let old = |settings: &mut fabric_emulator::Settings| settings.name_conflict_status = 400;
    let bench = Bench::with(Emulator::builder().configure(old)).await;
    bench.make("/items", &notebook("n", "x")).await;
    assert_eq!(bench.post(&bench.at("/items"), &notebook("n", "x")).await.verdict(), "400 ItemDisplayNameAlreadyInUse");
}

#[tokio::test]
async fn a_workspace_holds_only_so_many_items() {
    let few = |settings: &mut fabric_emulator::Settings| settings.item_limit = Some(1);
    let bench = Bench::with(Emulator::builder().configure(few)).await;
    bench.make("/items", &notebook("a", "x")).await;
    assert_eq!(bench.post(&bench.at("/items"), &notebook("b", "x")).await.verdict(), "400 WorkspaceItemsLimitExceeded");
}

#[tokio::test]
async fn a_lakehouse_gets_its_endpoint_later_and_takes_it_along() {
    let bench = Bench::slow().await;
    let body = json!({"displayName": "lake", "creationPayload": {"enableSchemas": true}});
    let created = bench.post(&bench.at("/lakehouses"), &body).await;
    assert_eq!((created.status, created.header("location")), (201, None));
    assert!(created.json().get("properties").is_none());
    let lakehouse = bench.at(&format!("/lakehouses/{}", created.id()));
    let early = bench.get(&lakehouse).await.json();
    let endpoint = &early["properties"]["sqlEndpointProperties"];
    assert_eq!(*endpoint, json!({"connectionString": null, "id": null, "provisioningStatus": "InProgress"}));
    assert_eq!(early["properties"]["defaultSchema"], "dbo");
    assert_eq!(bench.names(&bench.at("/items")).await, ["lake"]);

    bench.emulator.advance(Duration::from_secs(10));
    let late = bench.get(&lakehouse).await.json();
    assert_eq!(late["properties"]["sqlEndpointProperties"]["provisioningStatus"], "Success");
    let child = late["properties"]["sqlEndpointProperties"]["id"].as_str().unwrap().to_owned();
    assert_eq!(bench.names(&bench.at("/items")).await, ["lake", "lake"]);
    assert_eq!(bench.delete(&bench.at(&format!("/items/{child}"))).await.verdict(), "400 UnsupportedItemType");
    bench.patch(&lakehouse, &json!({"displayName": "sea"})).await;
    assert_eq!(bench.names(&bench.at("/sqlEndpoints")).await, ["sea"]);
    bench.delete(&lakehouse).await;
    assert_eq!(bench.names(&bench.at("/items")).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_eventhouse_has_its_database_at_once_and_its_addresses_later() {
    let bench = Bench::slow().await;
    let house = bench.post(&bench.at("/eventhouses"), &json!({"displayName": "house"})).await.id();
    let databases = bench.get(&bench.at("/kqlDatabases")).await.json();
    assert_eq!(databases["value"][0]["displayName"], "house");
    assert_eq!(databases["value"][0]["properties"]["parentEventhouseItemId"], json!(house));
    let path = bench.at(&format!("/eventhouses/{house}"));
    assert_eq!(bench.get(&path).await.json()["properties"]["queryServiceUri"], Value::Null);
    bench.emulator.advance(Duration::from_secs(10));
    assert!(bench.get(&path).await.json()["properties"]["queryServiceUri"].is_string());
    let payload = json!({"databaseType": "ReadWrite", "parentEventhouseItemId": house});
    bench.make("/kqlDatabases", &json!({"displayName": "second", "creationPayload": payload})).await;
    assert_eq!(bench.get(&path).await.json()["properties"]["databasesItemIds"].as_array().unwrap().len(), 2);
    bench.delete(&path).await;
    assert_eq!(bench.names(&bench.at("/items")).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_variable_library_activates_only_value_sets_it_has() {
    let bench = Bench::new().await;
    let parts =
        [("variables.json", "{}"), ("valueSets/prod.json", r#"{"name": "Production"}"#), ("valueSets/test.json", "{}")];
    let id = bench.make("/variableLibraries", &json!({"displayName": "v", "definition": definition(&parts)})).await;
    let path = bench.at(&format!("/variableLibraries/{id}"));
    assert_eq!(bench.get(&path).await.json()["properties"]["activeValueSetName"], "Default value set");
    for (name, expected) in
        [("Production", "200"), ("test", "200"), ("dev", "400 InvalidInput"), ("Default value set", "200")]
    {
        let body = json!({"properties": {"activeValueSetName": name}});
        assert_eq!(bench.patch(&path, &body).await.verdict(), expected, "{name}");
    }
}
