//! A transaction's steps and what each of them needs.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// A step as data, so that another process can go on with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepSpec {
    /// Its name, unique in the transaction.
    pub name: String,
    /// Which registered [`Step`](crate::Step) carries it out.
    pub kind: String,
    /// What that step needs to know. It is written to the journal: no secrets.
    pub payload: Value,
    /// The steps that must be applied before, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
}

impl StepSpec {
    /// A step that needs no other.
    pub fn new(name: impl Into<String>, kind: impl Into<String>, payload: Value) -> Self {
        Self { name: name.into(), kind: kind.into(), payload, after: Vec::new() }
    }

    /// The same step, after others.
    #[must_use]
    pub fn after<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.after.extend(names.into_iter().map(Into::into));
        self
    }
}

/// Why steps do not form a graph that can be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// Two steps have one name.
    #[error("two steps are called {0}")]
    Duplicate(String),
    /// A step needs one that does not exist.
    #[error("{step} needs {missing}, which is not a step of this transaction")]
    Missing {
        /// Which.
        step: String,
        /// What it needs.
        missing: String,
    },
    /// Steps need each other.
    #[error("these steps need each other: {}", .0.join(", "))]
    Cycle(Vec<String>),
}

/// Checks that `new` steps can be added to those whose names are `known`.
pub(crate) fn check(known: &HashMap<String, usize>, new: &[StepSpec]) -> Result<(), GraphError> {
    let mut names = HashSet::new();
    for step in new {
        if known.contains_key(&step.name) || !names.insert(step.name.as_str()) {
            return Err(GraphError::Duplicate(step.name.clone()));
        }
    }
    for step in new {
        if let Some(missing) =
            step.after.iter().find(|name| !known.contains_key(*name) && !names.contains(name.as_str()))
        {
            return Err(GraphError::Missing { step: step.name.clone(), missing: missing.clone() });
        }
    }
    cycle(new).map_or(Ok(()), |steps| Err(GraphError::Cycle(steps)))
}

/// The steps that can never start because they wait for each other.
fn cycle(steps: &[StepSpec]) -> Option<Vec<String>> {
    let index: HashMap<&str, usize> = steps.iter().enumerate().map(|(i, step)| (step.name.as_str(), i)).collect();
    let mut waits = vec![0_usize; steps.len()];
    let mut needed_by = vec![Vec::new(); steps.len()];
    for (i, step) in steps.iter().enumerate() {
        for needed in step.after.iter().filter_map(|name| index.get(name.as_str())) {
            waits[i] += 1;
            needed_by[*needed].push(i);
        }
    }
    let mut ready: Vec<usize> = (0..steps.len()).filter(|i| waits[*i] == 0).collect();
    while let Some(done) = ready.pop() {
        for next in &needed_by[done] {
            waits[*next] -= 1;
            if waits[*next] == 0 {
                ready.push(*next);
            }
        }
    }
    let left: Vec<String> =
        steps.iter().zip(&waits).filter(|(_, waits)| **waits > 0).map(|(step, _)| step.name.clone()).collect();
    (!left.is_empty()).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, after: &[&str]) -> StepSpec {
        StepSpec::new(name, "test", Value::Null).after(after.iter().copied())
    }

    #[test]
    fn steps_may_come_in_any_order() {
        assert_eq!(check(&HashMap::new(), &[step("b", &["a", "a"]), step("a", &[])]), Ok(()));
    }

    #[test]
    fn what_cannot_be_carried_out_is_refused() {
        let known = HashMap::from([("old".to_owned(), 0)]);
        assert_eq!(check(&known, &[step("old", &[])]), Err(GraphError::Duplicate("old".to_owned())));
        assert_eq!(check(&known, &[step("a", &[]), step("a", &[])]), Err(GraphError::Duplicate("a".to_owned())));
        assert_eq!(check(&known, &[step("a", &["old"])]), Ok(()));
        assert_eq!(
            check(&known, &[step("a", &["b"])]),
            Err(GraphError::Missing { step: "a".to_owned(), missing: "b".to_owned() })
        );
        assert_eq!(
            check(&known, &[step("a", &["c"]), step("b", &["a"]), step("c", &["b"]), step("d", &[])]),
            Err(GraphError::Cycle(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]))
        );
        assert_eq!(check(&known, &[step("a", &["a"])]), Err(GraphError::Cycle(vec!["a".to_owned()])));
    }
}
