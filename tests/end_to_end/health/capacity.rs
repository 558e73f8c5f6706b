//! The check `capacity`: paused, gone, none, out of sight, of a size that carries nothing, of one that nobody knows.

use fabric_emulator::{ADMINISTRATOR, Emulator};
use serde_json::{Value, json};

use super::{PAUSED_CAPACITY, check, deployed, fault, health, only};
use crate::binary::Stage;

const CAPACITY: &str = "c0000000-0000-4000-8000-000000000077";
const NOBODYS: &str = "c0000000-0000-4000-8000-00000000dead";

/// A tenant whose workspace `W` is on that capacity, and which has one of this size.
fn on(capacity: Option<&str>, sku: &str) -> Stage {
    Stage::of(Emulator::builder().seed(json!({
        "capacities": [{ "id": CAPACITY, "displayName": "Odd", "sku": sku, "region": "North Europe", "state": "Active" }],
        "workspaces": [{
            "id": "d0000000-0000-4000-8000-000000000001", "displayName": "W", "capacityId": capacity,
            "roleAssignments": [{ "principalId": ADMINISTRATOR, "role": "Admin" }],
        }],
    })))
}

#[track_caller]
fn capacity(stage: &Stage, code: i32, more: &[&str]) -> Value {
    stage.json(code, &health(&[&["--only", "capacity,fabric"], more].concat()))
}

#[test]
fn a_capacity_that_is_paused_or_gone() {
    let stage = deployed();
    let document = stage.json(1, &health(&["--capacity", PAUSED_CAPACITY]));
    only(&document, "capacity", "unhealthy", "(F2, West Europe) is inactive");
    let document = stage.json(1, &health(&["--capacity", NOBODYS]));
    only(&document, "capacity", "unhealthy", "does not exist");
}

#[test]
fn a_size_that_carries_no_items_and_one_that_is_not_known() {
    let document = capacity(&on(Some(CAPACITY), "A4"), 1, &[]);
    only(&document, "capacity", "unhealthy", "Odd (A4, North Europe) is active, and its size does not carry");
    let document = capacity(&on(Some(CAPACITY), "Z9"), 0, &[]);
    only(&document, "capacity", "degraded", "Odd (Z9, North Europe) is active");
    let document = capacity(&on(Some(CAPACITY), "F2"), 0, &[]);
    assert_eq!(check(&document, "capacity")["status"], "healthy", "{document:#}");
}

#[test]
fn no_capacity_and_one_that_is_out_of_sight() {
    let none = on(None, "F2");
    only(&capacity(&none, 1, &[]), "capacity", "unhealthy", "the workspace is on no capacity");
    let absent = none.json(0, &["health", "--workspace", "X", "--only", "capacity,fabric"]);
    only(&absent, "capacity", "degraded", "does not exist, and no capacity is named for it");
    only(&capacity(&on(Some(NOBODYS), "F2"), 0, &[]), "capacity", "degraded", "may not see it");
}

#[test]
fn capacities_that_are_not_listed() {
    for (code, exit, status) in [(403, 4, "unhealthy"), (429, 0, "degraded"), (500, 1, "unhealthy")] {
        let stage = on(Some(CAPACITY), "F2");
        fault(&stage, &json!({ "match": { "operation": "ListCapacities" }, "kind": { "status": { "code": code } } }));
        only(&capacity(&stage, exit, &[]), "capacity", status, "cannot list capacities");
    }
    let stage = on(Some(CAPACITY), "F2");
    fault(&stage, &json!({ "match": { "operation": "ListCapacities" }, "kind": { "slow_ms": 600_000 } }));
    only(&capacity(&stage, 1, &[]), "capacity", "timed_out", "no answer within 1800 ms");
}
