//! Digests over what was compared.

use sha2::{Digest, Sha256};

use super::PlannedStep;
use super::compare::is_same;
use crate::actual::ActualState;
use crate::desired::{DesiredBody, DesiredItem, DesiredState};

struct Fields(Sha256);

impl Fields {
    fn add(&mut self, text: &[u8]) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A digest over what the files ask for.
pub fn desired_fingerprint(desired: &DesiredState) -> String {
    let mut fields = Fields(Sha256::new());
    add_desired(&mut fields, desired);
    fields.finish()
}

/// A digest that changes when the files change, when the workspace changes where it matters, and when the plan between
/// them does.
pub(super) fn of_plan(desired: &DesiredState, actual: &ActualState, steps: &[PlannedStep]) -> String {
    let mut fields = Fields(Sha256::new());
    add_desired(&mut fields, desired);
    add_actual(&mut fields, actual, desired);
    for step in steps {
        fields.add(step.id.as_bytes());
    }
    fields.finish()
}

fn add_desired(fields: &mut Fields, desired: &DesiredState) {
    fields.add(desired.environment.as_bytes());
    fields.add(format!("{:?} {:?}", desired.workspace, desired.extra_folders).as_bytes());
    fields.add(format!("{:?}", desired.scope).as_bytes());
    for role in &desired.roles {
        fields.add(format!("{role:?}").as_bytes());
    }
    if let Some(git) = &desired.git {
        fields.add(format!("{} {:?}", git.provider, git.commit).as_bytes());
    }
    for item in desired.items.values() {
        fields.add(format!("{:?}", item.connections).as_bytes());
        for (key, shortcut) in item.shortcuts.iter().flatten() {
            fields.add(format!("{} {key}", item.key).as_bytes());
            fields.add(&shortcut.content.resolve(|reference| Some(reference.to_string())).unwrap_or_default());
        }
        let DesiredBody::Definition { parts, format } = &item.body else {
            fields.add(format!("{} {:?} {:?} {:?}", item.key, item.description, item.folder, item.body).as_bytes());
            continue;
        };
        let value_set = &item.active_value_set;
        fields
            .add(format!("{} {:?} {:?} {format:?} {value_set:?}", item.key, item.description, item.folder).as_bytes());
        for part in parts {
            fields.add(part.path.as_bytes());
            fields.add(&part.content.resolve(|reference| Some(reference.to_string())).unwrap_or_default());
        }
    }
}

/// A part with a secret only counts as being what it shall be or not: a digest over it could be used to try values.
fn add_actual(fields: &mut Fields, actual: &ActualState, desired: &DesiredState) {
    if let Some(workspace) = &actual.workspace {
        fields.add(format!("{workspace:?}").as_bytes());
    }
    for (path, id) in &actual.folders {
        fields.add(format!("{path} {id}").as_bytes());
    }
    let mut items: Vec<_> = actual.items.iter().collect();
    items.sort_by_key(|item| item.id);
    for item in items {
        fields.add(format!("{item:?}").as_bytes());
        for source in actual.sources.get(&item.id).into_iter().flatten() {
            fields.add(format!("{source:?}").as_bytes());
        }
        for (key, content) in actual.shortcuts.get(&item.id).into_iter().flatten() {
            fields.add(format!("{key} {content}").as_bytes());
        }
        let Some(definition) = actual.definitions.get(&item.id) else { continue };
        let wanted = desired.items.get(&item.key).map(DesiredItem::parts).unwrap_or_default();
        for part in definition.parts.iter().filter(|part| part.path != ".platform") {
            fields.add(part.path.as_bytes());
            let secret = wanted.iter().find(|wanted| wanted.path == part.path && !wanted.content.secrets().is_empty());
            match secret {
                Some(wanted) if is_same(&item.key.item_type, wanted, &part.payload, actual, &desired.secrets) => {
                    fields.add(b"as wanted");
                }
                Some(_) => fields.add(b"other than wanted"),
                None => fields.add(&part.payload),
            }
        }
    }
    if let Some(git) = &actual.git {
        fields.add(format!("{git:?}").as_bytes());
    }
    for role in &actual.roles {
        fields.add(format!("{role:?}").as_bytes());
    }
}
