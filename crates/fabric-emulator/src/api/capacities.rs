//! Capacities: listed and read.

use serde_json::{Value, json};

use super::page;
use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::entities::Capacity;
use crate::world::table::Entity as _;

fn show(capacity: &Capacity) -> Value {
    json!({
        "id": capacity.id,
        "displayName": capacity.display_name,
        "sku": capacity.sku,
        "region": capacity.region,
        "state": capacity.state,
    })
}

pub(crate) fn list(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let call = &*call;
    page::reply(call, |after| call.world.capacities.after(after).map(|capacity| (capacity.id(), show(capacity))))
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = call.parameters.id("capacityId");
    call.world.capacities.get(id).map(|capacity| Reply::ok(show(capacity))).ok_or_else(not_found)
}

pub(crate) fn not_found() -> Refusal {
    Refusal::not_found("CapacityNotFound", "The requested capacity could not be found")
}
