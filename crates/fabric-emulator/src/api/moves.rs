//! Items moved between folders, one or many at once.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{folders, items};
use crate::call::{Call, item_not_found};
use crate::refusal::Refusal;
use crate::reply::Reply;

/// Most items of one bulk move.
const LIMIT: usize = 50;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct MoveItem {
    #[serde(default)]
    target_folder_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BulkMove {
    #[serde(default)]
    target_folder_id: Option<String>,
    items: Vec<Uuid>,
}

pub(crate) fn one(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: MoveItem = call.json_or_default()?;
    let id = call.item()?.id;
    move_all(call, &[id], wanted.target_folder_id.as_deref())
}

pub(crate) fn many(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: BulkMove = call.json()?;
    if wanted.items.is_empty() || wanted.items.len() > LIMIT {
        return Err(Refusal::input("Between 1 and 50 items can be moved at once"));
    }
    move_all(call, &wanted.items, wanted.target_folder_id.as_deref())
}

fn move_all(call: &mut Call<'_>, moved: &[Uuid], target: Option<&str>) -> Result<Reply, Refusal> {
    let workspace = call.workspace()?.id;
    let target = folders::resolve(call.world, workspace, target)?;
    let mut everything = Vec::new();
    for &id in moved {
        let item = call.world.item_of(workspace, id, call.now).ok_or_else(|| item_not_found(id))?;
        // A SQL endpoint has no place of its own; a database may leave its eventhouse's folder.
        if item.item_type == "SQLEndpoint" && item.parent.is_some_and(|parent| !moved.contains(&parent)) {
            return Err(Refusal::bad("CannotMoveChildOnly", "A child item moves only together with its parent")
                .about(id, "Item"));
        }
        everything.push(id);
        everything.extend(call.world.children_of(id).map(|child| child.id));
    }
    for &id in &everything {
        if let Some(item) = call.world.items.edit(id) {
            item.folder_id = target;
        }
    }
    let shown: Vec<Value> =
        moved.iter().filter_map(|id| call.world.items.get(*id)).map(|item| Value::Object(items::show(item))).collect();
    Ok(Reply::ok(json!({ "value": shown })))
}
