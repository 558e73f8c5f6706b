//! Environments: staged, published, cancelled.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::call::{Call, item_not_found};
use crate::clock::{Moment, stamp_utc};
use crate::operations::{self, Completion};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::types::Answer;
use crate::world::World;
use crate::world::entities::{Item, Publication};
use crate::world::operation::{Effect, Outcome};

/// Seconds that `Retry-After` advises for a publication.
const PUBLISH_RETRY: u32 = 120;

/// How the last publication stands.
pub(crate) fn details(item: &Item, now: Moment) -> Value {
    let untouched =
        Publication { target_version: item.id, started: item.created, ends: item.created, cancelled: false };
    let publication = item.publication.as_ref().unwrap_or(&untouched);
    let state = state(publication, now);
    let mut shown = json!({
        "state": state,
        "targetVersion": publication.target_version,
        "startTime": stamp_utc(publication.started),
    });
    if state != "Running" {
        shown["endTime"] = json!(stamp_utc(publication.ends));
    }
    shown["componentPublishInfo"] = json!({"sparkLibraries": {"state": state}, "sparkSettings": {"state": state}});
    shown
}

fn state(publication: &Publication, now: Moment) -> &'static str {
    match (publication.cancelled, now >= publication.ends) {
        (true, _) => "Cancelled",
        (false, true) => "Success",
        (false, false) => "Running",
    }
}

fn is_running(item: &Item, now: Moment) -> bool {
    item.publication.as_ref().is_some_and(|publication| state(publication, now) == "Running")
}

/// `beta=false` is the current contract, a long-running operation; without it the older one answers at once.
pub(crate) fn publish(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let item = call.item()?;
    if is_running(item, call.now) {
        return Err(Refusal::bad("InvalidEnvironmentPublish", "The environment is being published already"));
    }
    let id = item.id;
    let is_current = call
        .query
        .get("beta")
        .or_else(|| call.query.get("preview"))
        .is_some_and(|beta| beta.eq_ignore_ascii_case("false"));
    let queue = call.later(call.settings.operation_queue);
    let ends = queue.saturating_add(crate::clock::micros(call.settings.operation_duration));
    let now = call.now;
    if let Some(item) = call.world.items.edit(id) {
        item.publication = Some(Publication { target_version: Uuid::new_v4(), started: now, ends, cancelled: false });
    }
    if !is_current {
        let shown = details(call.item()?, now);
        return Ok(Reply::ok(json!({ "publishDetails": shown })));
    }
    let effect = Effect::PublishEnvironment { item: id };
    operations::run(call, Answer::LongRunning, PUBLISH_RETRY, effect, |_, outcome| match outcome {
        Outcome::Value(properties) => Reply::ok(properties),
        _ => Reply::done(),
    })
    .map(Reply::without_null)
}

pub(crate) fn finish_publication(world: &mut World, completion: &Completion<'_>, id: Uuid) -> Result<Outcome, Refusal> {
    let item = world.items.get(id).ok_or_else(|| item_not_found(id))?;
    if item.publication.as_ref().is_some_and(|publication| publication.cancelled) {
        return Err(Refusal::bad("InvalidEnvironmentPublish", "The publication was cancelled"));
    }
    Ok(Outcome::Value(json!({ "publishDetails": details(item, completion.at) })))
}

pub(crate) fn cancel(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    if !is_running(call.item()?, call.now) {
        return Err(Refusal::bad("InvalidEnvironmentCancel", "The environment is not being published"));
    }
    let now = call.now;
    let item = call.item_mut()?;
    if let Some(publication) = &mut item.publication {
        publication.cancelled = true;
        publication.ends = now;
    }
    let shown = details(item, now);
    Ok(Reply::ok(json!({ "publishDetails": shown })))
}

/// The emulator keeps no libraries; the service says the same of an environment without any.
pub(crate) fn published_libraries(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.item()?;
    Err(no_libraries("This environment does not have any published libraries. Please publish libraries."))
}

/// See [`published_libraries`].
pub(crate) fn staged_libraries(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.item()?;
    Err(no_libraries("This environment does not have any staged libraries. Please upload libraries."))
}

fn no_libraries(message: &str) -> Refusal {
    Refusal::not_found("EnvironmentLibrariesNotFound", message)
}
