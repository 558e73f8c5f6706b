//! Writes shortcuts: those of one item that are ready at the same time go in one call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fabric_client::{CreatedShortcut, NewShortcut, ShortcutConflict};
use serde_json::Value;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::StepError;
use super::known::Known;
use crate::desired::{ItemKey, ShortcutKey};

/// How many shortcuts one call carries: so few that an answer comes in seconds.
const LARGEST_BATCH: usize = 100;
/// How long a call waits for company: steps that are ready together are recorded one after the other.
const GATHERING: Duration = Duration::from_millis(50);

/// What waits to be sent, by the item that it is for.
#[derive(Default)]
pub(crate) struct Batches(Mutex<HashMap<Uuid, Batch>>);

#[derive(Default)]
struct Batch {
    /// Whether somebody is sending, who takes what waits when the call that is under way has ended.
    is_sending: bool,
    waiting: Vec<Waiting>,
}

struct Waiting {
    shortcut: NewShortcut,
    answer: oneshot::Sender<Result<(), StepError>>,
}

/// Writes what the files describe, and gives the item's id.
pub(super) async fn write(known: &Known, key: &ItemKey, shortcut: &ShortcutKey) -> Result<Option<String>, StepError> {
    let content = wanted(known, key, shortcut).await?;
    put(known, key, shortcut, content).await
}

/// What the files describe, with every reference resolved.
pub(crate) async fn wanted(known: &Known, key: &ItemKey, shortcut: &ShortcutKey) -> Result<Value, StepError> {
    let desired = known.desired(key)?.shortcuts.as_ref().and_then(|shortcuts| shortcuts.get(shortcut));
    let desired = desired.ok_or_else(|| StepError::NoItem(key.clone()))?;
    let bytes = known.resolved(&desired.content).await?;
    serde_json::from_slice(&bytes).map_err(|error| StepError::Shortcut {
        shortcut: shortcut.clone(),
        code: "shortcut-malformed".to_owned(),
        message: error.to_string(),
    })
}

/// Makes the shortcut say `content`, whether it is there or not.
pub(crate) async fn put(
    known: &Known,
    key: &ItemKey,
    shortcut: &ShortcutKey,
    mut content: Value,
) -> Result<Option<String>, StepError> {
    let id = known.item(key)?;
    let (path, name) = (shortcut.path.clone(), shortcut.name.clone());
    let target = content.get_mut("target").map(Value::take).unwrap_or_default();
    let transform = content.get_mut("transform").map(Value::take);
    let (answer, answered) = oneshot::channel();
    let sends = known.shortcuts.join(id, Waiting { shortcut: NewShortcut { path, name, target, transform }, answer });
    if sends {
        let mut sending = Sending { batches: &known.shortcuts, id, has_ended: false };
        loop {
            tokio::time::sleep(GATHERING).await;
            let batch = known.shortcuts.take(id);
            if batch.is_empty() {
                break;
            }
            send(known, id, batch).await;
        }
        sending.has_ended = true;
    }
    answered.await.unwrap_or_else(|_| Err(StepError::ShortcutLost(shortcut.clone())))?;
    Ok(Some(id.to_string()))
}

pub(crate) async fn delete(known: &Known, key: &ItemKey, shortcut: &ShortcutKey) -> Result<Option<String>, StepError> {
    let id = known.item(key)?;
    match known.workspace().shortcuts(id).delete(&shortcut.path, &shortcut.name).await {
        Err(error) if error.error_code().is_some_and(is_gone) => Ok(Some(id.to_string())),
        other => Ok(other.map(|()| Some(id.to_string()))?),
    }
}

/// Whether the code says that there is no such shortcut, or no such item.
pub(crate) fn is_gone(code: &str) -> bool {
    matches!(code, "EntityNotFound" | "ShortcutNotFound" | "ItemNotFound")
}

/// Whoever stops sending, for whatever reason, leaves nobody waiting for ever.
struct Sending<'a> {
    batches: &'a Batches,
    id: Uuid,
    has_ended: bool,
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        self.batches.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Batches {
    /// Whether the caller has to send.
    fn join(&self, id: Uuid, waiting: Waiting) -> bool {
        let mut batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = batches.entry(id).or_default();
        batch.waiting.push(waiting);
        !std::mem::replace(&mut batch.is_sending, true)
    }

    /// What is sent next. Where nothing waits any more, the next one who joins has to send.
    fn take(&self, id: Uuid) -> Vec<Waiting> {
        let mut batches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(batch) = batches.get_mut(&id) else { return Vec::new() };
        if batch.waiting.is_empty() {
            batches.remove(&id);
            return Vec::new();
        }
        let size = batch.waiting.len().min(LARGEST_BATCH);
        batch.waiting.drain(..size).collect()
    }
}

async fn send(known: &Known, id: Uuid, batch: Vec<Waiting>) {
    let (shortcuts, answers): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|waiting| (waiting.shortcut, waiting.answer)).unzip();
    let of_item = known.workspace().shortcuts(id);
    let outcome = of_item.bulk_create(&shortcuts, ShortcutConflict::CreateOrOverwrite).await;
    let outcome = outcome.map(|outcome| outcome.shortcuts).map_err(Arc::new);
    for (shortcut, answer) in shortcuts.iter().zip(answers) {
        let key = ShortcutKey::new(&shortcut.path, shortcut.name.as_str());
        let ended = match &outcome {
            Ok(created) => of_one(key, created),
            Err(error) => Err(StepError::Shared(Arc::clone(error))),
        };
        // Nobody waits any more where the step was given up.
        let _ = answer.send(ended);
    }
}

fn of_one(key: ShortcutKey, created: &[CreatedShortcut]) -> Result<(), StepError> {
    let ours =
        created.iter().find(|created| ShortcutKey::new(&created.request.path, created.request.name.as_str()) == key);
    match ours {
        Some(created) if created.error.is_none() && created.status.as_deref() != Some("Failed") => Ok(()),
        Some(created) => {
            let error = created.error.clone().unwrap_or_default();
            let details = error.more_details.iter().filter_map(|detail| detail.message.clone());
            let message = [error.message].into_iter().chain(details).collect::<Vec<_>>().join(": ");
            let code = error.error_code.unwrap_or_else(|| "shortcut-failed".to_owned());
            Err(StepError::Shortcut { shortcut: key, code, message })
        }
        None => Err(StepError::ShortcutLost(key)),
    }
}
