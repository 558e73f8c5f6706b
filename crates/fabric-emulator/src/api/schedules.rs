//! Schedules of an item's jobs: kept, never fired.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::page;
use crate::call::Call;
use crate::clock::stamp;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::World;
use crate::world::entities::Schedule;
use crate::world::table::Entity as _;

/// Most schedules of one item and job type.
const LIMIT: usize = 20;

#[derive(Deserialize)]
struct ScheduleRequest {
    enabled: bool,
    configuration: Value,
}

fn show(world: &World, schedule: &Schedule) -> Value {
    let owner = world.principals.get(schedule.owner).map_or(json!("User"), |owner| json!(owner.kind));
    json!({
        "id": schedule.id,
        "enabled": schedule.enabled,
        "createdDateTime": stamp(schedule.created),
        "configuration": schedule.configuration,
        "owner": {"id": schedule.owner, "type": owner},
    })
}

fn is_here(call: &Call<'_>, schedule: &Schedule) -> bool {
    schedule.item_id == call.item_id() && schedule.job_type.eq_ignore_ascii_case(call.parameters.text("jobType"))
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    call.item()?;
    page::reply(call, |after| {
        let here = call.world.schedules.after(after).filter(|schedule| is_here(call, schedule));
        here.map(|schedule| (schedule.id(), show(call.world, schedule)))
    })
}

fn find<'w>(call: &'w Call<'_>) -> Result<&'w Schedule, Refusal> {
    call.item()?;
    let id = call.parameters.id("scheduleId");
    call.world
        .schedules
        .get(id)
        .filter(|schedule| is_here(call, schedule))
        .ok_or_else(|| Refusal::not_found("ScheduleNotFound", "The requested item schedule not found"))
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    find(call).map(|schedule| Reply::ok(show(call.world, schedule)))
}

pub(crate) fn create(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: ScheduleRequest = call.json()?;
    let item = call.item()?.id;
    if call.world.schedules.iter().filter(|schedule| is_here(call, schedule)).count() >= LIMIT {
        return Err(Refusal::bad("ScheduleExceedsLimit", "An item has at most 20 schedules of a job type"));
    }
    let schedule = Schedule {
        id: Uuid::new_v4(),
        item_id: item,
        job_type: call.parameters.text("jobType").to_owned(),
        enabled: wanted.enabled,
        created: call.now,
        configuration: wanted.configuration,
        owner: call.caller.id,
    };
    let location = format!("{}/{}", call.path, schedule.id);
    let reply = Reply::created(show(call.world, &schedule)).with_location(location);
    call.world.schedules.put(schedule);
    Ok(reply)
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: ScheduleRequest = call.json()?;
    let id = find(call)?.id;
    if let Some(schedule) = call.world.schedules.edit(id) {
        schedule.enabled = wanted.enabled;
        schedule.configuration = wanted.configuration;
    }
    get(call)
}

pub(crate) fn delete(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = find(call)?.id;
    call.world.schedules.remove(id);
    Ok(Reply::done())
}
