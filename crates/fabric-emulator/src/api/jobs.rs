//! Jobs of items: run on demand, watched, cancelled.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::page;
use crate::call::Call;
use crate::clock::{Moment, stamp};
use crate::faults::OperationFault;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::entities::Job;
use crate::world::table::Entity as _;

/// Seconds that `Retry-After` advises.
const RETRY: u32 = 60;

fn status(job: &Job, now: Moment) -> &'static str {
    match (job.cancelled, now >= job.ends, &job.failure) {
        (true, ..) => "Cancelled",
        (false, false, _) => "InProgress",
        (false, true, Some(_)) => "Failed",
        (false, true, None) => "Completed",
    }
}

fn show(job: &Job, now: Moment) -> Value {
    let status = status(job, now);
    let failure = job.failure.as_ref().filter(|_| status == "Failed").map(|code| {
        json!({
            "requestId": job.root_activity_id,
            "errorCode": code,
            "message": "The job instance failed",
            "isRetriable": false,
        })
    });
    json!({
        "id": job.id,
        "itemId": job.item_id,
        "jobType": job.job_type,
        "invokeType": "Manual",
        "status": status,
        "failureReason": failure,
        "rootActivityId": job.root_activity_id,
        "startTimeUtc": stamp(job.started),
        "endTimeUtc": (status != "InProgress").then(|| stamp(job.ends)),
    })
}

/// Both spellings: the job type in the path, and the older one with `?jobType=`.
pub(crate) fn run(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let item = call.item()?.id;
    let named = match call.parameters.text("jobType") {
        "" => call.query.get("jobType").unwrap_or_default(),
        in_path => in_path,
    };
    if named.is_empty() || !named.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Err(Refusal::bad("InvalidJobType", format!("The job type '{named}' is invalid")));
    }
    // What the job is to do with its data is not modelled, but it must be an object.
    call.json_or_default::<Map<String, Value>>()?;
    let (ends, failure) = match &call.fault {
        Some(OperationFault::Never) => (Moment::MAX, None),
        Some(OperationFault::Failed(code)) => (call.later(call.settings.job_duration), Some(code.clone())),
        None | Some(OperationFault::Partly(_)) => (call.later(call.settings.job_duration), None),
    };
    let job = Job {
        id: Uuid::new_v4(),
        item_id: item,
        job_type: named.to_owned(),
        root_activity_id: Uuid::new_v4(),
        started: call.now,
        ends,
        failure,
        cancelled: false,
    };
    let location = location(call, job.id);
    call.world.jobs.put(job);
    Ok(Reply::accepted().with_location(location).with_retry_after(RETRY))
}

fn location(call: &Call<'_>, job: Uuid) -> String {
    format!("/v1/workspaces/{}/items/{}/jobs/instances/{job}", call.workspace_id(), call.item_id())
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    let item = call.item()?.id;
    page::reply(call, |after| {
        let own = call.world.jobs.after(after).filter(move |job| job.item_id == item);
        own.map(|job| (job.id(), show(job, call.now)))
    })
}

fn find<'w>(call: &'w Call<'_>) -> Result<&'w Job, Refusal> {
    let (item, id) = (call.item()?.id, call.parameters.id("jobInstanceId"));
    call.world
        .jobs
        .get(id)
        .filter(|job| job.item_id == item)
        .ok_or_else(|| Refusal::not_found("EntityNotFound", "The requested job instance could not be found"))
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let job = find(call)?;
    let reply = Reply::ok(show(job, call.now));
    if status(job, call.now) != "InProgress" {
        return Ok(reply);
    }
    // The header counts down to the next moment at which looking is worth while.
    let elapsed = u32::try_from((call.now - job.started) / 1_000_000).unwrap_or(0);
    Ok(reply.with_retry_after(RETRY - elapsed.min(RETRY - 1)))
}

pub(crate) fn cancel(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let (id, now) = (find(call)?.id, call.now);
    if let Some(job) = call.world.jobs.edit(id).filter(|job| status(job, now) == "InProgress") {
        job.cancelled = true;
        job.ends = now;
    }
    let location = location(call, id);
    Ok(Reply::accepted().with_location(location).with_retry_after(RETRY))
}
