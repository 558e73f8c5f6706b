//! Reads which connections items use, and where connections lead.

use std::collections::{BTreeSet, HashMap};

use fabric_client::{Client, Connection, ConnectionDetails, ItemConnection, WorkspaceHandle};
use futures::future::try_join_all;
use uuid::Uuid;

use crate::desired::{DataSource, DesiredState};
use crate::error::{DeployError, WhileTrying};

/// Where the connections lead that items shall use. One that is not there, or not for this identity, is missing.
pub(super) async fn wanted(client: &Client, desired: &DesiredState) -> Result<HashMap<Uuid, Connection>, DeployError> {
    let ids: BTreeSet<Uuid> =
        desired.items.values().flat_map(|item| &item.connections).map(|connection| connection.id).collect();
    let read = try_join_all(ids.into_iter().map(|id| async move {
        match client.connections().get(id).await {
            Ok(connection) => Ok(Some((id, connection))),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error).while_trying(|| format!("read connection {id}")),
        }
    }))
    .await?;
    Ok(read.into_iter().flatten().collect())
}

/// The data sources of each of these items.
pub(super) async fn of_items(
    handle: &WorkspaceHandle,
    items: &[Uuid],
) -> Result<HashMap<Uuid, Vec<ItemConnection>>, DeployError> {
    let read = try_join_all(items.iter().map(|id| async move {
        let of_workspace = handle.items();
        let sources = of_workspace.connections(*id).await;
        Ok::<_, DeployError>((*id, sources.while_trying(|| format!("read the connections of item {id}"))?))
    }))
    .await?;
    Ok(read.into_iter().collect())
}

/// The data source that connection details tell of.
pub(crate) fn source_of(details: &ConnectionDetails) -> DataSource {
    DataSource { kind: details.connection_type.clone(), path: details.path.clone().unwrap_or_default() }
}
