//! The world that a request presupposes, in the form that the emulator's control plane accepts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The capacity that the recordings name, after masking.
pub(crate) const CAPACITY: &str = "00000000-0000-0000-0000-000000000004";

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
    pub(crate) fn edit(&mut self, kind: &'static str, id: &str, member: &str, value: Value) {
        for entity in self.entities.entry(kind).or_default() {
            if entity["id"] == id {
                entity[member] = value.clone();
            }
        }
    }

    pub(crate) fn world(&self) -> Value {
        json!(self.entities)
    }
}
