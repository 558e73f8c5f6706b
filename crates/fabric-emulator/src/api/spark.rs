//! The Spark pools that a workspace may use.

use serde_json::{Value, json};
use uuid::Uuid;

use super::page;
use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    let shown = call.workspace()?.spark_pools.iter();
    let mut entries: Vec<(Uuid, Value)> =
        shown.map(|pool| (pool.id, json!({"id": pool.id, "name": pool.name, "type": pool.pool_type}))).collect();
    // The pool that every workspace has.
    entries.push((
        Uuid::nil(),
        json!({
            "id": Uuid::nil(), "type": "Workspace", "name": "Starter Pool",
            "nodeFamily": "MemoryOptimized", "nodeSize": "Medium",
            "autoScale": {"enabled": true, "minNodeCount": 1, "maxNodeCount": 10},
            "dynamicExecutorAllocation": {"enabled": true, "minExecutors": 1, "maxExecutors": 9},
        }),
    ));
    page::reply(call, |after| page::ordered(entries, after))
}
