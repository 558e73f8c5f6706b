//! The world that a request presupposes, in the form that the emulator's control plane accepts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The capacity that the recordings name, after masking.
pub(crate) const CAPACITY: &str = "00000000-0000-0000-0000-000000000004";

/// The user whose recordings these are, after masking.
pub(crate) const RECORDED_CALLER: &str = "00000000-0000-0000-0000-000000000001";

/// The user that the emulator takes a caller for.
pub(crate) const CALLER: &str = "a0000000-0000-4000-8000-000000000001";

/// Collects entities by kind; an id that is already there keeps its first form.
#[derive(Debug, Default)]
pub(crate) struct Seed {
    entities: BTreeMap<&'static str, Vec<Value>>,
}

impl Seed {
    /// A tenant with one active capacity and nothing else.
    pub(crate) fn new() -> Self {
        let mut seed = Self::default();
        seed.put("capacities", json!({"id": CAPACITY, "displayName": "Capacity", "region": "Central US"}));
        seed
    }

    /// Adds an entity, unless one of its kind has its id.
    pub(crate) fn put(&mut self, kind: &'static str, entity: Value) {
        let present = self.entities.entry(kind).or_default();
        if !present.iter().any(|other| other["id"] == entity["id"]) {
            present.push(entity);
        }
    }

    /// Changes the entity of that id, where it is there.
    pub(crate) fn edit(&mut self, kind: &'static str, id: &str, member: &str, value: &Value) {
        for entity in self.entities.entry(kind).or_default() {
            if entity["id"] == id {
                entity[member] = value.clone();
            }
        }
    }

    /// The document for the control plane. The caller is always a known user.
    pub(crate) fn world(&self) -> Value {
        let mut world = json!(self.entities);
        let principals = world["principals"].as_array().cloned().unwrap_or_default();
        let caller = json!({"id": CALLER, "type": "User", "displayName": "Caller",
            "userPrincipalName": "caller@example.com"});
        let known = principals.iter().any(|principal| principal["id"] == CALLER);
        world["principals"] = principals.into_iter().chain((!known).then_some(caller)).collect();
        world
    }
}
