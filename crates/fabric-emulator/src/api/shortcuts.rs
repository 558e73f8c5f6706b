//! OneLake shortcuts of an item: created one by one or in bulk, listed, read, deleted.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{definitions, page};
use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::entities::Shortcut;

/// Item types that can hold shortcuts.
const WITH_SHORTCUTS: [&str; 4] = ["Lakehouse", "KQLDatabase", "Warehouse", "MirroredDatabase"];
/// Kinds of targets, by the member that describes each.
const TARGETS: [(&str, &str); 9] = [
    ("oneLake", "OneLake"),
    ("amazonS3", "AmazonS3"),
    ("adlsGen2", "AdlsGen2"),
    ("googleCloudStorage", "GoogleCloudStorage"),
    ("s3Compatible", "S3Compatible"),
    ("dataverse", "Dataverse"),
    ("externalDataShare", "ExternalDataShare"),
    ("azureBlobStorage", "AzureBlobStorage"),
    ("oneDriveSharePoint", "OneDriveSharePoint"),
];

#[derive(Deserialize)]
struct CreateShortcut {
    path: String,
    name: String,
    target: Map<String, Value>,
    #[serde(default)]
    transform: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BulkCreate {
    create_shortcut_requests: Vec<CreateShortcut>,
}

/// What happens where a shortcut of the name exists.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Policy {
    Abort,
    GenerateUniqueName,
    CreateOrOverwrite,
    OverwriteOnly,
}

fn policy(call: &Call<'_>) -> Result<Policy, Refusal> {
    let known = [
        ("Abort", Policy::Abort),
        ("GenerateUniqueName", Policy::GenerateUniqueName),
        ("CreateOrOverwrite", Policy::CreateOrOverwrite),
        ("OverwriteOnly", Policy::OverwriteOnly),
    ];
    let Some(name) = call.query.get("shortcutConflictPolicy") else { return Ok(Policy::Abort) };
    let found = known.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, policy)| policy).ok_or_else(|| Refusal::parameter("shortcutConflictPolicy"))
}

fn show(shortcut: &Shortcut) -> Value {
    let mut shown = json!({"name": shortcut.name, "path": shortcut.path, "target": shortcut.target});
    if let Some(transform) = &shortcut.transform {
        shown["transform"] = transform.clone();
    }
    shown
}

fn trimmed(path: &str) -> &str {
    path.trim_matches('/')
}

fn check_item(call: &Call<'_>) -> Result<(), Refusal> {
    if WITH_SHORTCUTS.contains(&call.item()?.item_type.as_str()) { Ok(()) } else { Err(definitions::not_supported()) }
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    check_item(call)?;
    let below = call.query.get("parentPath").map(trimmed);
    let entries = call
        .item()?
        .shortcuts
        .iter()
        .filter(|shortcut| below.is_none_or(|below| is_at_or_below(&shortcut.path, below)))
        .map(|shortcut| (key_of(shortcut), show(shortcut)))
        .collect();
    page::reply(call, |after| page::ordered(entries, after))
}

fn is_at_or_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Shortcuts have no id; pages need an order that survives changes.
fn key_of(shortcut: &Shortcut) -> Uuid {
    let digest = crate::world::blobs::Digest::of(format!("{}/{}", shortcut.path, shortcut.name).as_bytes());
    digest.0.get(..32).and_then(|hex| hex.parse().ok()).unwrap_or_default()
}

fn position(call: &Call<'_>) -> Result<usize, Refusal> {
    let (path, name) = (trimmed(call.parameters.text("shortcutPath")), call.parameters.text("shortcutName"));
    call.item()?
        .shortcuts
        .iter()
        .position(|shortcut| shortcut.path == path && shortcut.name == name)
        .ok_or_else(|| Refusal::not_found("EntityNotFound", "The requested shortcut could not be found"))
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let position = position(call)?;
    Ok(Reply::ok(show(&call.item()?.shortcuts[position])))
}

pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let position = position(call)?;
    call.item_mut()?.shortcuts.remove(position);
    Ok(Reply::done())
}

pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    check_item(call)?;
    let policy = policy(call)?;
    let wanted: CreateShortcut = call.json()?;
    let (shortcut, overwritten) = create_one(call, policy, wanted)?;
    let base = format!("/v1/workspaces/{}/items/{}", call.workspace_id(), call.item_id());
    let location = format!("{base}/shortcuts/{}/{}", shortcut.path, shortcut.name);
    let reply = if overwritten { Reply::ok(show(&shortcut)) } else { Reply::created(show(&shortcut)) };
    Ok(reply.with_location(location))
}

pub(crate) fn create_many(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    check_item(call)?;
    let policy = policy(call)?;
    let wanted: BulkCreate = call.json()?;
    let mut answers = Vec::with_capacity(wanted.create_shortcut_requests.len());
    for request in wanted.create_shortcut_requests {
        let named = json!({"name": request.name, "path": request.path});
        answers.push(match create_one(call, policy, request) {
            Ok((shortcut, _)) => json!({"request": named, "result": show(&shortcut), "status": "Succeeded"}),
            Err(refusal) => json!({
                "request": named,
                "error": {"errorCode": refusal.code, "message": refusal.message, "moreDetails": refusal.details},
                "status": "Failed",
            }),
        });
    }
    Ok(Reply::ok(json!({ "value": answers })))
}

fn create_one(call: &mut Call<'_>, policy: Policy, wanted: CreateShortcut) -> Result<(Shortcut, bool), Refusal> {
    let path = trimmed(&wanted.path).to_owned();
    if wanted.name.is_empty() || wanted.name.contains('/') {
        return Err(Refusal::body("the name of a shortcut is empty or holds a slash"));
    }
    let target = read_target(call, wanted.target)?;
    let mut shortcut = Shortcut { path, name: wanted.name, target, transform: wanted.transform };
    let taken = |name: &str, item: &crate::world::entities::Item| {
        item.shortcuts.iter().position(|other| other.path == shortcut.path && other.name == name)
    };
    let item = call.item()?;
    let existing = taken(&shortcut.name, item);
    match (existing, policy) {
        (Some(_), Policy::Abort) => {
            return Err(Refusal::conflict("EntityConflict", "A shortcut of this name exists already"));
        }
        (None, Policy::OverwriteOnly) => {
            return Err(Refusal::not_found("EntityNotFound", "The requested shortcut could not be found"));
        }
        (Some(_), Policy::GenerateUniqueName) => {
            let fresh =
                (1_u32..).map(|number| format!("{}_{number}", shortcut.name)).find(|name| taken(name, item).is_none());
            shortcut.name = fresh.unwrap_or_default();
            call.item_mut()?.shortcuts.push(shortcut.clone());
            return Ok((shortcut, false));
        }
        _ => {}
    }
    let shortcuts = &mut call.item_mut()?.shortcuts;
    match existing {
        Some(position) => shortcuts[position] = shortcut.clone(),
        None => shortcuts.push(shortcut.clone()),
    }
    Ok((shortcut, existing.is_some()))
}

/// Names the target's kind; a OneLake target must exist.
fn read_target(call: &Call<'_>, given: Map<String, Value>) -> Result<Value, Refusal> {
    let found = TARGETS.iter().find(|(member, _)| given.get(*member).is_some_and(Value::is_object));
    let Some((member, kind)) = found else {
        return Err(Refusal::body("the target names no kind of storage"));
    };
    if *member == "oneLake" {
        let id = |name: &str| given["oneLake"][name].as_str().and_then(|text| text.parse::<Uuid>().ok());
        let exists = match (id("workspaceId"), id("itemId")) {
            (Some(workspace), Some(item)) => call.world.item_of(workspace, item, call.now).is_some(),
            _ => false,
        };
        if !exists {
            return Err(Refusal::body("Target path doesn't exist"));
        }
    }
    let mut target = Map::new();
    target.insert("type".to_owned(), json!(kind));
    target.extend(given.into_iter().filter(|(name, _)| name == member));
    Ok(Value::Object(target))
}
