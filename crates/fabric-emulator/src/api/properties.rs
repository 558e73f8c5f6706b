//! The type-specific properties of items: what follows from the type, what appears late, what can be set.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::clock::{Moment, stamp_utc};
use crate::refusal::Refusal;
use crate::world::World;
use crate::world::entities::Item;

const DEFAULT_VALUE_SET: &str = "Default value set";

/// The properties that typed routes show; `None`: the type has none.
pub(crate) fn of(world: &World, item: &Item, now: Moment) -> Option<Value> {
    let ready = now >= item.ready_from;
    let payload = |member: &str| item.creation_payload.as_ref().and_then(|payload| payload.get(member)).cloned();
    let one_lake =
        |folder: &str| format!("https://onelake.dfs.fabric.microsoft.com/{}/{}/{folder}", item.workspace_id, item.id);
    let mut shown = match item.item_type.as_str() {
        "Lakehouse" => {
            let mut shown = json!({
                "oneLakeTablesPath": one_lake("Tables"),
                "oneLakeFilesPath": one_lake("Files"),
                "sqlEndpointProperties": sql_endpoint(world, item, now),
            });
            if payload("enableSchemas") == Some(Value::Bool(true)) {
                shown["defaultSchema"] = json!("dbo");
            }
            shown
        }
        "MirroredDatabase" => json!({
            "oneLakeTablesPath": if ready { json!(one_lake("Tables")) } else { Value::Null },
            "sqlEndpointProperties": sql_endpoint(world, item, now),
            "defaultSchema": if ready { json!("dbo") } else { Value::Null },
        }),
        "Warehouse" => json!({
            "connectionString": if ready { json!(sql_host(item, "datawarehouse")) } else { Value::Null },
            "createdDate": stamp_utc(item.created),
            "lastUpdatedTime": stamp_utc(item.updated),
            "collationType": payload("collationType")
                .or_else(|| payload("defaultCollation"))
                .unwrap_or_else(|| json!("Latin1_General_100_BIN2_UTF8")),
        }),
        "Eventhouse" => {
            let databases: Vec<Uuid> =
                world.children_of(item.id).filter(|child| child.is_visible(now)).map(|child| child.id).collect();
            json!({
                "queryServiceUri": kusto(item, "", ready),
                "ingestionServiceUri": kusto(item, "ingest-", ready),
                "databasesItemIds": databases,
                "minimumConsumptionUnits": payload("minimumConsumptionUnits").unwrap_or_else(|| json!(0.0)),
            })
        }
        "KQLDatabase" => {
            let house = item.parent.and_then(|parent| world.items.get(parent)).unwrap_or(item);
            let house_ready = now >= house.ready_from;
            json!({
                "parentEventhouseItemId": item.parent,
                "queryServiceUri": kusto(house, "", house_ready),
                "ingestionServiceUri": kusto(house, "ingest-", house_ready),
                "databaseType": payload("databaseType").unwrap_or_else(|| json!("ReadWrite")),
            })
        }
        "SQLDatabase" => {
            let name = format!("{}-{}", item.display_name, item.id);
            let host = format!("{},1433", sql_host(item, "database"));
            let connection = format!("Data Source={host};Initial Catalog={name};Encrypt=True");
            json!({
                "connectionInfo": if ready { json!(connection) } else { Value::Null },
                "connectionString": if ready { json!(connection) } else { Value::Null },
                "databaseName": name,
                "serverFqdn": if ready { json!(host) } else { Value::Null },
                "backupRetentionDays": 7,
                "collation": "SQL_Latin1_General_CP1_CI_AS",
            })
        }
        "Environment" => json!({ "publishDetails": super::environments::details(item, now) }),
        "VariableLibrary" => json!({ "activeValueSetName": DEFAULT_VALUE_SET }),
        "SparkJobDefinition" => json!({ "oneLakeRootPath": one_lake("").trim_end_matches('/') }),
        "MLExperiment" => json!({ "mlFlowExperimentId": item.id }),
        "Dataflow" => json!({ "isParametric": false }),
        "DigitalTwinBuilderFlow" => json!({
            "digitalTwinBuilderItemReference": payload("digitalTwinBuilderItemReference").unwrap_or(Value::Null),
        }),
        _ => return None,
    };
    if let Value::Object(shown) = &mut shown {
        for (name, value) in &item.properties {
            shown.insert(name.clone(), value.clone());
        }
    }
    Some(shown)
}

fn sql_endpoint(world: &World, item: &Item, now: Moment) -> Value {
    let endpoint = world
        .children_of(item.id)
        .find(|child| child.item_type == "SQLEndpoint" && child.is_visible(now) && now >= item.ready_from);
    match endpoint {
        Some(endpoint) => json!({
            "connectionString": sql_host(item, "datawarehouse"),
            "id": endpoint.id,
            "provisioningStatus": "Success",
        }),
        None => json!({"connectionString": null, "id": null, "provisioningStatus": "InProgress"}),
    }
}

/// A host name that looks like the service's and is different for each item.
fn sql_host(item: &Item, service: &str) -> String {
    format!("{}-{}.{service}.fabric.microsoft.com", item.workspace_id.simple(), item.id.simple())
}

fn kusto(item: &Item, prefix: &str, ready: bool) -> Value {
    if ready {
        json!(format!("https://{prefix}trd-{}.z6.kusto.fabric.microsoft.com", item.id.simple()))
    } else {
        Value::Null
    }
}

/// Checks the properties that an update wants to set.
pub(crate) fn read_update(
    world: &World,
    item: &Item,
    wanted: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let mut accepted = Map::new();
    if item.item_type != "VariableLibrary" {
        return Ok(accepted);
    }
    let Some(name) = wanted.get("activeValueSetName").and_then(Value::as_str) else {
        return Err(Refusal::body("missing field `activeValueSetName`"));
    };
    let exists = name == DEFAULT_VALUE_SET || value_sets(world, item).iter().any(|known| known == name);
    if !exists {
        return Err(Refusal::input(format!("The value set '{name}' does not exist")));
    }
    accepted.insert("activeValueSetName".to_owned(), json!(name));
    Ok(accepted)
}

/// Names of the value sets that a variable library's definition holds.
fn value_sets(world: &World, item: &Item) -> Vec<String> {
    let named = item.parts.iter().filter_map(|part| {
        let file = part.path.strip_prefix("valueSets/")?.strip_suffix(".json")?;
        let content: Option<Value> = serde_json::from_slice(&world.content(&part.digest)).ok();
        let name = content.and_then(|content| content["name"].as_str().map(str::to_owned));
        Some(name.unwrap_or_else(|| file.to_owned()))
    });
    named.collect()
}
