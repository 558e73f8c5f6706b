//! What recordings and time may bring is read.

use fabric_client::{
    CapacityState, EnvironmentProperties, EventhouseProperties, JobStatus, LakehouseProperties, SqlEndpointStatus,
};
use serde_json::json;

use crate::exercise::{ITEM, WORKSPACE};
use crate::stub::{self, answer};

#[tokio::test]
async fn unknown_values_and_members_never_break_a_list() {
    let (client, _) = stub::client(|_| {
        stub::json(
            200,
            &json!({"value": [
            {"id": ITEM, "type": "TypeOfTomorrow", "displayName": null, "folderId": "", "attributes": {"a": [1]}},
            {"id": ITEM, "type": "Notebook", "displayName": "n", "description": null, "workspaceId": WORKSPACE},
        ], "unknown": 1}),
        )
    });
    let items = client.workspace(WORKSPACE).items().list().await.unwrap();
    assert_eq!(items[0].item_type, "TypeOfTomorrow");
    assert_eq!((items[0].display_name.as_str(), items[0].folder_id), ("", None));
    assert_eq!(items[1].description, None);
}

#[tokio::test]
async fn an_item_without_a_workspace_is_in_the_one_that_was_asked() {
    let item = json!({"id": ITEM, "type": "Dashboard"});
    let (client, _) = stub::client(move |seen| {
        stub::json(200, &if seen.path.ends_with("items") { json!({"value": [item]}) } else { item.clone() })
    });
    let items = client.workspace(WORKSPACE).items();
    assert_eq!(items.list().await.unwrap()[0].workspace_id, WORKSPACE);
    assert_eq!(items.get(ITEM).await.unwrap().workspace_id, WORKSPACE);
}

#[tokio::test]
async fn open_enumerations_keep_what_they_do_not_know() {
    let (client, _) = stub::client(|_| {
        let capacity =
            |state: &str| json!({"id": ITEM, "displayName": "c", "sku": "F2", "region": "r", "state": state});
        stub::json(200, &json!({"value": [capacity("active"), capacity("Hibernating")]}))
    });
    let capacities = client.capacities().list().await.unwrap();
    assert_eq!(capacities[0].state, CapacityState::Active);
    assert_eq!(capacities[1].state, CapacityState::Other("Hibernating".into()));
    assert_eq!(capacities[1].state.to_string(), "Hibernating");
}

#[tokio::test]
async fn properties_that_are_not_there_yet_are_absent() {
    let (client, _) = stub::client(|seen| match seen.metadata.operation {
        "Items_GetLakehouse" => stub::json(
            200,
            &json!({"properties": {"sqlEndpointProperties":
            {"id": null, "connectionString": null, "provisioningStatus": "InProgress"}}}),
        ),
        "Items_GetEventhouse" => stub::json(200, &json!({"properties": null})),
        _ => stub::json(200, &json!({"id": ITEM})),
    });
    let workspace = client.workspace(WORKSPACE);
    let lakehouse: LakehouseProperties = workspace.item_properties(ITEM).await.unwrap();
    let endpoint = lakehouse.sql_endpoint_properties.unwrap();
    assert_eq!((endpoint.id, endpoint.provisioning_status), (None, Some(SqlEndpointStatus::InProgress)));
    let eventhouse: EventhouseProperties = workspace.item_properties(ITEM).await.unwrap();
    assert_eq!(eventhouse, EventhouseProperties::default());
    let environment: EnvironmentProperties = workspace.item_properties(ITEM).await.unwrap();
    assert_eq!(environment.publish_details.state, None);
}

#[tokio::test]
async fn a_body_without_a_content_type_is_read() {
    let (client, _) = stub::client(|_| answer(200, &[], r#"{"value":[]}"#));
    assert_eq!(client.workspaces().list().await.unwrap(), []);
}

#[tokio::test]
async fn a_run_is_found_by_the_end_of_its_location() {
    let (client, _) = stub::client(|seen| match seen.metadata.operation {
        "JobScheduler_RunOnDemandItemJob" => {
            let location = format!("https://elsewhere.test/v1/jobs/instances/{ITEM}");
            answer(202, &[("location", &location), ("retry-after", "60")], "")
        }
        _ => stub::json(200, &json!({"id": ITEM, "status": "InProgress", "startTimeUtc": "2026-04-27T07:09:18.14"})),
    });
    let jobs = client.workspace(WORKSPACE).jobs(ITEM);
    let run = jobs.run("Run Notebook/x", None).await.unwrap();
    assert_eq!((run.id, run.retry_after.map(|wait| wait.as_secs())), (Some(ITEM), Some(60)));
    let run = jobs.get(ITEM).await.unwrap();
    assert_eq!(run.status, Some(JobStatus::InProgress));
    assert_eq!(run.start_time_utc.as_deref(), Some("2026-04-27T07:09:18.14"));
}

#[tokio::test]
async fn parts_without_padding_are_read_and_other_encodings_refused() {
    let part = |payload: &str, kind: &str| {
        let body = json!({"definition": {"parts": [{"path": "a", "payload": payload, "payloadType": kind}]}});
        let (client, _) = stub::client(move |_| stub::json(200, &body));
        async move { client.workspace(WORKSPACE).items().definition(ITEM, None).await }
    };
    assert_eq!(&part("YQ", "InlineBase64").await.unwrap().parts[0].payload[..], b"a");
    for (payload, kind) in [("YQ==", "Link"), ("not base64!", "InlineBase64")] {
        let error = part(payload, kind).await.unwrap_err();
        assert!(!error.to_string().contains(payload), "{error}");
    }
}
