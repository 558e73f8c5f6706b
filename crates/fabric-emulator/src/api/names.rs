//! Display names and descriptions of items: which are allowed, and which are free.

use http::StatusCode;
use uuid::Uuid;

use crate::clock::Moment;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::types::ItemType;
use crate::world::World;

/// The longest display name and the longest description, in characters.
const LIMIT: usize = 256;
/// The longest name of a lakehouse, in characters.
const LAKEHOUSE_LIMIT: usize = 123;

/// Refuses names that an item of the type cannot have.
pub(crate) fn check(item_type: &ItemType, name: &str) -> Result<(), Refusal> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > LIMIT {
        return Err(Refusal::input("The display name must have between 1 and 256 characters"));
    }
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if item_type.name == "Lakehouse" && (!is_plain || length > LAKEHOUSE_LIMIT) {
        return Err(Refusal::input(
            "The display name must start with a letter and contain only letters, digits and underscores",
        ));
    }
    Ok(())
}

pub(crate) fn check_description(description: Option<&str>) -> Result<(), Refusal> {
    if description.is_some_and(|text| text.chars().count() > LIMIT) {
        return Err(Refusal::input("The description is longer than 256 characters"));
    }
    Ok(())
}

/// Refuses a name that another item of the type has, or that a deleted one still holds.
pub(crate) fn check_free(
    world: &World,
    settings: &Settings,
    now: Moment,
    workspace: Uuid,
    item_type: &ItemType,
    name: &str,
    own: Option<Uuid>,
) -> Result<(), Refusal> {
    if !item_type.unique_names {
        return Ok(());
    }
    let folded = name.to_lowercase();
    let is_same = |other: &str| other.len() == name.len() && other == name || other.to_lowercase() == folded;
    let mut namesakes = world.items_in(workspace).filter(|other| other.item_type == item_type.name);
    if namesakes.any(|other| Some(other.id) != own && is_same(&other.display_name)) {
        return Err(conflict(settings, "ItemDisplayNameAlreadyInUse", format!("Requested '{name}' is already in use")));
    }
    let is_held = world.reservations.iter().any(|held| {
        held.workspace_id == workspace
            && held.item_type == item_type.name
            && held.until > now
            && is_same(&held.display_name)
    });
    if is_held {
        let message = format!(
            "Requested '{name}' is not available yet and is expected to become available in the upcoming minutes."
        );
        return Err(conflict(settings, "ItemDisplayNameNotAvailableYet", message).retriable());
    }
    Ok(())
}

fn conflict(settings: &Settings, code: &str, message: String) -> Refusal {
    let status = StatusCode::from_u16(settings.name_conflict_status).unwrap_or(StatusCode::CONFLICT);
    Refusal::new(status, code, message)
}
