//! Reads the definitions of many items, without a round trip per item where a bulk export can serve.

use std::collections::HashMap;

use fabric_client::{BulkExport, BulkExportedDefinitions, DefinitionPart, ItemDefinition, WorkspaceHandle};
use futures::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;

use crate::error::{DeployError, WhileTrying};

/// From this many items on, a bulk export (one long-running operation) is cheaper than one call per item.
const BULK_FROM: usize = 4;

/// How many items one bulk export asks for: large enough to be rare, small enough that its answer, some 50 KB an
/// item, is held in memory without thought.
const BULK_SIZE: usize = 250;

/// A definition to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WantedDefinition {
    /// The item.
    pub id: Uuid,
    /// The format to ask for; a bulk export always gives the default one.
    pub format: Option<String>,
}

/// The definitions of these items. Items whose type has no definition to read are missing from the answer.
pub(crate) async fn read_definitions(
    handle: &WorkspaceHandle,
    wanted: &[WantedDefinition],
    concurrency: usize,
) -> Result<HashMap<Uuid, ItemDefinition>, DeployError> {
    let (default_format, named_format): (Vec<_>, Vec<_>) =
        wanted.iter().cloned().partition(|item| item.format.is_none());
    let (mut read, named) = futures::try_join!(
        read_in_bulk(handle, &default_format, concurrency),
        read_one_by_one(handle, named_format, concurrency),
    )?;
    let missing: Vec<_> = default_format.into_iter().filter(|item| !read.contains_key(&item.id)).collect();
    read.extend(read_one_by_one(handle, missing, concurrency).await?);
    read.extend(named);
    Ok(read)
}

/// What a bulk export gives: nothing where there are too few items for it, or where it is refused.
async fn read_in_bulk(
    handle: &WorkspaceHandle,
    wanted: &[WantedDefinition],
    concurrency: usize,
) -> Result<HashMap<Uuid, ItemDefinition>, DeployError> {
    if wanted.len() < BULK_FROM {
        return Ok(HashMap::new());
    }
    let ids: Vec<_> = wanted.iter().map(|item| item.id).collect();
    let chunks: Vec<Vec<Uuid>> = ids.chunks(BULK_SIZE).map(<[Uuid]>::to_vec).collect();
    let exports: Vec<_> = stream::iter(chunks)
        .map(|chunk| bulk_export(handle, chunk))
        .buffer_unordered(concurrency)
        .try_collect()
        .await?;
    Ok(exports.into_iter().flatten().flat_map(by_item).collect())
}

async fn read_one_by_one(
    handle: &WorkspaceHandle,
    wanted: Vec<WantedDefinition>,
    concurrency: usize,
) -> Result<Vec<(Uuid, ItemDefinition)>, DeployError> {
    let read: Vec<_> =
        stream::iter(wanted).map(|item| read_one(handle, item)).buffer_unordered(concurrency).try_collect().await?;
    Ok(read.into_iter().flatten().collect())
}

/// `None` where this service or these items do not allow a bulk export, so that they are read one by one.
async fn bulk_export(handle: &WorkspaceHandle, ids: Vec<Uuid>) -> Result<Option<BulkExportedDefinitions>, DeployError> {
    let count = ids.len();
    match handle.items().bulk_export(&BulkExport::Items(ids)).await {
        Ok(exported) => Ok(Some(exported)),
        Err(error) if error.error_code().is_some_and(refuses_bulk_export) => {
            tracing::info!(%error, items = count, "bulk export refused, reading definitions one by one");
            Ok(None)
        }
        Err(source) => {
            Err(DeployError::Fabric { action: "export the definitions of the workspace".to_owned(), source })
        }
    }
}

fn refuses_bulk_export(code: &str) -> bool {
    matches!(
        code,
        "EndpointNotFound"
            | "FeatureNotAvailable"
            | "OperationNotSupportedForItem"
            | "ItemsHaveProtectedLabels"
            | "PrincipalTypeNotSupported"
    )
}

fn by_item(exported: BulkExportedDefinitions) -> HashMap<Uuid, ItemDefinition> {
    let roots: HashMap<&str, Uuid> =
        exported.index.iter().map(|entry| (entry.root_path.trim_matches('/'), entry.id)).collect();
    let mut definitions: HashMap<Uuid, ItemDefinition> =
        exported.index.iter().map(|entry| (entry.id, ItemDefinition { format: None, parts: Vec::new() })).collect();
    for part in exported.parts {
        let path = part.path.trim_start_matches('/');
        let root = path.rmatch_indices('/').find_map(|(at, _)| roots.get(&path[..at]).map(|id| (*id, at)));
        let Some((id, at)) = root else { continue };
        if let Some(definition) = definitions.get_mut(&id) {
            let path = path[at + 1..].to_owned();
            definition.parts.push(DefinitionPart { path, payload: part.payload });
        }
    }
    definitions
}

async fn read_one(
    handle: &WorkspaceHandle,
    item: WantedDefinition,
) -> Result<Option<(Uuid, ItemDefinition)>, DeployError> {
    match handle.items().definition(item.id, item.format.as_deref()).await {
        Ok(definition) => Ok(Some((item.id, definition))),
        Err(error) if error.error_code() == Some("OperationNotSupportedForItem") => Ok(None),
        other => other
            .while_trying(|| format!("read the definition of item {}", item.id))
            .map(|definition| Some((item.id, definition))),
    }
}
