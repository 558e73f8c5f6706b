//! Reads the shortcuts inside items.

use std::collections::{BTreeMap, HashMap};

use fabric_client::{Shortcut, WorkspaceHandle};
use futures::future::try_join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::desired::ShortcutKey;
use crate::error::{DeployError, WhileTrying};

/// The shortcuts inside each of these items.
pub(super) async fn read(
    handle: &WorkspaceHandle,
    items: &[Uuid],
) -> Result<HashMap<Uuid, BTreeMap<ShortcutKey, Value>>, DeployError> {
    let read = try_join_all(items.iter().map(|id| async move {
        let listed = handle.shortcuts(*id).list().await.while_trying(|| format!("list the shortcuts of item {id}"))?;
        let by_key = listed
            .into_iter()
            .map(|shortcut| (ShortcutKey::new(&shortcut.path, shortcut.name.as_str()), content(shortcut)));
        Ok::<_, DeployError>((*id, by_key.collect()))
    }))
    .await?;
    Ok(read.into_iter().collect())
}

/// What a shortcut is besides its place, in the form in which the files describe it.
pub(crate) fn content(shortcut: Shortcut) -> Value {
    match shortcut.transform {
        Some(transform) => json!({ "target": shortcut.target, "transform": transform }),
        None => json!({ "target": shortcut.target }),
    }
}
