//! Folders: a tree of at most ten levels in each workspace.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::page;
use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::World;
use crate::world::entities::Folder;
use crate::world::table::Entity as _;

/// Most levels of folders.
const DEPTH_LIMIT: usize = 10;
/// The longest display name, in characters.
const NAME_LIMIT: usize = 255;
const FORBIDDEN_CHARACTERS: &str = "~\"#.&*:<>?/{|}\\%";
const RESERVED_NAMES: [&str; 3] = ["$recycle.bin", "recycled", "recycler"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateFolder {
    display_name: String,
    #[serde(default)]
    parent_folder_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateFolder {
    display_name: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct MoveFolder {
    #[serde(default)]
    target_folder_id: Option<String>,
}

fn show(folder: &Folder) -> Value {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(folder.id));
    shown.insert("displayName".to_owned(), json!(folder.display_name));
    if let Some(parent) = folder.parent_folder_id {
        shown.insert("parentFolderId".to_owned(), json!(parent));
    }
    shown.insert("workspaceId".to_owned(), json!(folder.workspace_id));
    Value::Object(shown)
}

pub(crate) fn not_found(id: Uuid) -> Refusal {
    Refusal::not_found("FolderNotFound", "The requested folder could not be found").about(id, "Folder")
}

/// Reads a folder id from a body or query: absent, null and empty mean the root; anything else must exist.
pub(crate) fn resolve(world: &World, workspace: Uuid, id: Option<&str>) -> Result<Option<Uuid>, Refusal> {
    let Some(text) = id.filter(|text| !text.is_empty()) else { return Ok(None) };
    let id: Uuid = text.parse().map_err(|_| Refusal::body(format!("'{text}' is not an id")))?;
    world.folder_of(workspace, id).map(|folder| Some(folder.id)).ok_or_else(|| not_found(id))
}

/// Whether a folder lies below another, at any depth. Everything lies below the root.
pub(crate) fn is_below(world: &World, folder: Option<Uuid>, above: Option<Uuid>) -> bool {
    let Some(above) = above else { return true };
    let mut next = folder;
    while let Some(id) = next {
        if id == above {
            return true;
        }
        next = world.folders.get(id).and_then(|folder| folder.parent_folder_id);
    }
    false
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    let workspace = call.workspace_id();
    let root = resolve(call.world, workspace, call.query.get("rootFolderId"))?;
    let recursive = call.query.flag("recursive", true);
    page::reply(call, |after| {
        call.world
            .folders
            .after(after)
            .filter(move |folder| folder.workspace_id == workspace)
            .filter(move |folder| {
                if recursive {
                    is_below(call.world, folder.parent_folder_id, root)
                } else {
                    folder.parent_folder_id == root
                }
            })
            .map(|folder| (folder.id(), show(folder)))
    })
}

pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: CreateFolder = call.json()?;
    let workspace_id = call.workspace_id();
    let parent = resolve(call.world, workspace_id, wanted.parent_folder_id.as_deref())?;
    check_name(&wanted.display_name)?;
    check_unique(call.world, workspace_id, parent, &wanted.display_name, None)?;
    if call.world.folder_path(parent).len() >= DEPTH_LIMIT {
        return Err(too_deep());
    }
    let folder =
        Folder { id: Uuid::new_v4(), workspace_id, display_name: wanted.display_name, parent_folder_id: parent };
    let reply =
        Reply::created(show(&folder)).with_location(format!("/v1/workspaces/{workspace_id}/folders/{}", folder.id));
    call.world.folders.put(folder);
    Ok(reply)
}

fn find<'w>(call: &'w Call<'_>) -> Result<&'w Folder, Refusal> {
    let id = call.parameters.id("folderId");
    call.world.folder_of(call.workspace_id(), id).ok_or_else(|| not_found(id))
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    find(call).map(|folder| Reply::ok(show(folder)))
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: UpdateFolder = call.json()?;
    let folder = find(call)?;
    check_name(&wanted.display_name)?;
    check_unique(call.world, folder.workspace_id, folder.parent_folder_id, &wanted.display_name, Some(folder.id))?;
    let id = folder.id;
    if let Some(folder) = call.world.folders.edit(id) {
        folder.display_name = wanted.display_name;
    }
    get(call)
}

pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = find(call)?.id;
    let workspace = call.workspace_id();
    let has_folders = call.world.folders_in(workspace).any(|folder| folder.parent_folder_id == Some(id));
    let has_items = call.world.items_in(workspace).any(|item| item.folder_id == Some(id));
    if has_folders || has_items {
        return Err(Refusal::bad("FolderNotEmpty", "The requested folder was not empty.").about(id, "Folder"));
    }
    call.world.folders.remove(id);
    Ok(Reply::done())
}

pub(crate) fn move_to(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: MoveFolder = call.json_or_default()?;
    let folder = find(call)?.clone();
    let target = resolve(call.world, folder.workspace_id, wanted.target_folder_id.as_deref())?;
    if target.is_some() && is_below(call.world, target, Some(folder.id)) {
        return Err(Refusal::bad(
            "InfiniteFolderHierarchyLoop",
            "A folder cannot be moved into itself or below itself",
        ));
    }
    check_unique(call.world, folder.workspace_id, target, &folder.display_name, Some(folder.id))?;
    if call.world.folder_path(target).len() + height(call.world, folder.id) > DEPTH_LIMIT {
        return Err(too_deep());
    }
    if let Some(folder) = call.world.folders.edit(folder.id) {
        folder.parent_folder_id = target;
    }
    get(call)
}

/// The number of levels of a folder and everything below it.
fn height(world: &World, id: Uuid) -> usize {
    let below = world.folders.iter().filter(|folder| folder.parent_folder_id == Some(id));
    1 + below.map(|folder| height(world, folder.id)).max().unwrap_or(0)
}

fn too_deep() -> Refusal {
    Refusal::bad("FolderDepthOutOfRange", "Folders can be nested at most 10 levels deep")
}

fn check_unique(
    world: &World,
    workspace: Uuid,
    parent: Option<Uuid>,
    name: &str,
    own: Option<Uuid>,
) -> Result<(), Refusal> {
    let folded = name.to_lowercase();
    let mut siblings = world.folders_in(workspace).filter(|folder| folder.parent_folder_id == parent);
    match siblings.find(|folder| Some(folder.id) != own && folder.display_name.to_lowercase() == folded) {
        Some(other) => Err(Refusal::conflict(
            "FolderDisplayNameAlreadyInUse",
            "A folder with the same display name already exists in the parent folder",
        )
        .about(other.id, "Folder")),
        None => Ok(()),
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let length = name.chars().count();
    let allowed = (1..=NAME_LIMIT).contains(&length)
        && name.trim() == name
        && !name.chars().any(|letter| letter.is_control() || FORBIDDEN_CHARACTERS.contains(letter))
        && !RESERVED_NAMES.contains(&name.to_lowercase().as_str());
    if allowed { Ok(()) } else { Err(Refusal::bad("InvalidFolderDisplayName", "The folder display name is invalid")) }
}

/// Creates the folders of a path that do not exist yet and returns the innermost one.
pub(crate) fn ensure(world: &mut World, workspace: Uuid, path: &[String]) -> Result<Option<Uuid>, Refusal> {
    if path.len() > DEPTH_LIMIT {
        return Err(too_deep());
    }
    let mut parent = None;
    for name in path {
        let existing = world
            .folders_in(workspace)
            .find(|folder| folder.parent_folder_id == parent && folder.display_name.eq_ignore_ascii_case(name))
            .map(|folder| folder.id);
        let id = match existing {
            Some(id) => id,
            None => {
                check_name(name)?;
                let id = Uuid::new_v4();
                world.folders.put(Folder {
                    id,
                    workspace_id: workspace,
                    display_name: name.clone(),
                    parent_folder_id: parent,
                });
                id
            }
        };
        parent = Some(id);
    }
    Ok(parent)
}
