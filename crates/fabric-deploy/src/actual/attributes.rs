//! Attributes of items that the service fills in after it has created them.

use std::time::Duration;

use fabric_client::{
    EventhouseProperties, KqlDatabaseProperties, LakehouseProperties, SqlDatabaseProperties, WarehouseProperties,
    WorkspaceHandle,
};
use uuid::Uuid;

use crate::content::Attribute;

/// Whether to wait for an attribute that is not there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AttributeWait {
    /// Take what is there now.
    None,
    /// Ask again until it is there, at most this long.
    UpTo(Duration),
}

/// The first pause between two questions; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The value of `attribute` of an item; `None` where the item does not have it (yet).
pub(crate) async fn read_attribute(
    handle: &WorkspaceHandle,
    item_type: &str,
    id: Uuid,
    attribute: Attribute,
    wait: AttributeWait,
) -> Result<Option<String>, fabric_client::Error> {
    let mut waited = Duration::ZERO;
    let mut pause = FIRST_PAUSE;
    loop {
        let value = read_once(handle, item_type, id, attribute).await?;
        let AttributeWait::UpTo(limit) = wait else { return Ok(value) };
        if value.is_some() || waited >= limit {
            return Ok(value);
        }
        tokio::time::sleep(pause).await;
        waited += pause;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The id of the only Spark pool of this type and name that the workspace may use.
pub(crate) async fn spark_pool(
    handle: &WorkspaceHandle,
    pool_type: &str,
    name: &str,
) -> Result<Option<String>, fabric_client::Error> {
    let pools = handle.spark_pools().await?;
    let mut ours =
        pools.iter().filter(|pool| pool.name.as_deref() == Some(name) && pool.pool_type.as_deref() == Some(pool_type));
    Ok(match (ours.next(), ours.next()) {
        (Some(pool), None) => Some(pool.id.to_string()),
        _ => None,
    })
}

async fn read_once(
    handle: &WorkspaceHandle,
    item_type: &str,
    id: Uuid,
    attribute: Attribute,
) -> Result<Option<String>, fabric_client::Error> {
    match (item_type, attribute) {
        (_, Attribute::Id) => Ok(Some(id.to_string())),
        ("Lakehouse", _) => {
            let endpoint = handle.item_properties::<LakehouseProperties>(id).await?.sql_endpoint_properties;
            Ok(endpoint.and_then(|endpoint| match attribute {
                Attribute::SqlEndpointId => endpoint.id.map(|id| id.to_string()),
                _ => endpoint.connection_string,
            }))
        }
        ("Warehouse", Attribute::SqlEndpoint) => {
            Ok(handle.item_properties::<WarehouseProperties>(id).await?.connection_string)
        }
        ("SQLDatabase", Attribute::SqlEndpoint) => {
            Ok(handle.item_properties::<SqlDatabaseProperties>(id).await?.server_fqdn)
        }
        ("KQLDatabase", Attribute::QueryServiceUri) => {
            Ok(handle.item_properties::<KqlDatabaseProperties>(id).await?.query_service_uri)
        }
        ("Eventhouse", Attribute::QueryServiceUri) => {
            Ok(handle.item_properties::<EventhouseProperties>(id).await?.query_service_uri)
        }
        _ => Ok(None),
    }
}
