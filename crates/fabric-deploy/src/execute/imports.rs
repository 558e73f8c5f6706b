//! Sends items that are ready at the same time in one bulk import, and finds out what became of each.
//!
//! Every item keeps its own step: what it was before is saved, and what it shall be is recorded, before anything is sent.
//! The answer of an import does not say why an item failed, so an item that failed is sent once more by itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fabric_client::{
    BulkImport, BulkImportOptions, DefinitionPart, Deletion, Error, ImportedItem, Item, ItemDefinition,
};
use serde_json::json;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use super::calls::{self, StepCalls};
use super::create::{self, settle};
use super::known::Known;
use crate::desired::{FolderPath, ItemKey};
use crate::logical_id;
use crate::plan::{self, Action, Import};

/// How long an import waits for an item that is to go with it and is not ready yet.
const GATHERING: Duration = Duration::from_millis(250);
/// With fewer items than this an import is no better than a single call, and says less.
const SMALLEST: usize = 2;

/// The imports of a plan, while it is carried out.
#[derive(Default)]
pub(crate) struct Imports {
    of_item: HashMap<ItemKey, usize>,
    gatherings: Vec<Gathering>,
}

struct Gathering {
    action: Action,
    state: Mutex<Gathered>,
    joined: Notify,
}

struct Gathered {
    /// How many items have not come yet.
    missing: usize,
    waiting: Vec<Waiting>,
    /// Whether somebody waits for the others, and sends.
    has_leader: bool,
}

/// An item that is ready.
struct Waiting {
    member: Member,
    answer: oneshot::Sender<(Imported, StepCalls)>,
}

/// What an import has to know of an item.
pub(super) struct Member {
    pub(super) key: ItemKey,
    pub(super) folder: FolderPath,
    pub(super) folder_id: Option<Uuid>,
    pub(super) description: Option<String>,
    /// The item that is updated; `None`: it is created.
    pub(super) id: Option<Uuid>,
    pub(super) definition: ItemDefinition,
}

/// What became of an item.
#[derive(Debug, Clone)]
pub(super) enum Imported {
    /// It is there as it shall be.
    Done(Uuid),
    /// Nothing was done for it: it has to be sent by itself.
    NotDone,
    /// It is there, but perhaps not all of its definition was taken.
    InPart(Uuid),
    /// Nobody knows.
    Unknown(Arc<Error>),
    /// Nobody can be asked: whoever sent it was stopped.
    Lost,
    /// Nothing can be sent now.
    Refused(Arc<Error>),
}

impl Imports {
    pub(crate) fn of(imports: &[Import]) -> Self {
        let gathering = |import: &Import| Gathering {
            action: import.action,
            state: Mutex::new(Gathered { missing: import.items.len(), waiting: Vec::new(), has_leader: false }),
            joined: Notify::new(),
        };
        Self { of_item: plan::by_item(imports), gatherings: imports.iter().map(gathering).collect() }
    }

    /// The import that the item goes in, to be created or updated as `action` says.
    fn gathering(&self, key: &ItemKey, action: Action) -> Option<&Gathering> {
        self.gatherings.get(*self.of_item.get(key)?).filter(|gathering| gathering.action == action)
    }

    pub(super) fn has(&self, key: &ItemKey, action: Action) -> bool {
        self.gathering(key, action).is_some_and(|gathering| !gathering.is_over())
    }
}

impl Gathering {
    fn with<T>(&self, look: impl FnOnce(&mut Gathered) -> T) -> T {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether all that were to come have come: who comes again was sent before.
    fn is_over(&self) -> bool {
        self.with(|gathered| gathered.missing == 0)
    }

    /// Whether the one who joins has to send.
    fn join(&self, waiting: Waiting) -> bool {
        let leads = self.with(|gathered| {
            gathered.waiting.push(waiting);
            gathered.missing = gathered.missing.saturating_sub(1);
            !std::mem::replace(&mut gathered.has_leader, true)
        });
        self.joined.notify_one();
        leads
    }

    /// Waits until all have come, or nobody has come for a while.
    async fn gather(&self) -> Vec<Waiting> {
        while !self.is_over() {
            if tokio::time::timeout(GATHERING, self.joined.notified()).await.is_err() {
                break;
            }
        }
        self.with(|gathered| {
            gathered.has_leader = false;
            std::mem::take(&mut gathered.waiting)
        })
    }
}

/// Whoever stops before he has sent leaves nobody waiting for ever.
struct Leading<'a>(Option<&'a Gathering>);

impl Drop for Leading<'_> {
    fn drop(&mut self) {
        if let Some(gathering) = self.0 {
            gathering.with(|gathered| {
                gathered.has_leader = false;
                gathered.waiting.clear();
            });
        }
    }
}

/// Sends the item with the others of its import.
pub(super) async fn send(known: &Known, member: Member) -> Imported {
    let action = if member.id.is_some() { Action::Update } else { Action::Create };
    let Some(gathering) = known.imports.gathering(&member.key, action) else { return Imported::NotDone };
    let (answer, answered) = oneshot::channel();
    if gathering.join(Waiting { member, answer }) {
        let mut leading = Leading(Some(gathering));
        let waiting = gathering.gather().await;
        leading.0 = None;
        let (members, answers): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|waiting| (waiting.member, waiting.answer)).unzip();
        let (ends, calls) = calls::gather(import(known, &members)).await;
        for (end, answer) in ends.into_iter().zip(answers) {
            // Nobody waits any more where the step was given up.
            let _ = answer.send((end, calls.clone()));
        }
    }
    match answered.await {
        Ok((end, calls)) => {
            calls::current_calls(&calls);
            end
        }
        Err(_) => Imported::Lost,
    }
}

/// What became of each.
async fn import(known: &Known, members: &[Member]) -> Vec<Imported> {
    if members.len() < SMALLEST {
        return vec![Imported::NotDone; members.len()];
    }
    let logical_ids: Vec<Uuid> = members.iter().map(Member::logical_id).collect();
    let parts = members.iter().zip(&logical_ids).flat_map(|(member, logical_id)| member.parts(*logical_id)).collect();
    // Items that are updated are paired by the logical id that the service gives their objects, or by name; one that is
    // created is never paired with what somebody else has made meanwhile.
    let pairs = members.iter().all(|member| member.id.is_some());
    let request = BulkImport { parts, options: BulkImportOptions { allow_pairing_by_name: pairs } };
    tracing::info!(items = members.len(), updates = pairs, "bulk import");
    match known.workspace().items().bulk_import(&request).await {
        Ok(outcome) => {
            let mut ends = Vec::with_capacity(members.len());
            for (member, logical_id) in members.iter().zip(logical_ids) {
                ends.push(member.end(known, &outcome.items, logical_id).await);
            }
            // What the answer passes over is looked for.
            let unsaid = members.iter().zip(&ends).any(|(member, end)| end.is_none() && member.id.is_none());
            let there = if unsaid { look_up(known, members, Duration::ZERO).await } else { Ok(HashMap::new()) };
            let ends = ends.into_iter().enumerate();
            ends.map(|(index, end)| end.unwrap_or_else(|| found(&there, index))).collect()
        }
        Err(error @ Error::OperationFailed { .. }) => {
            tracing::info!(%error, "the bulk import failed: its items are sent one by one");
            let there = look_up(known, members, Duration::ZERO).await;
            (0..members.len()).map(|index| found(&there, index)).collect()
        }
        Err(error) if error.is_ambiguous() => in_doubt(known, members, error).await,
        Err(error @ Error::Api(_)) => {
            tracing::info!(%error, "the bulk import was refused: its items are sent one by one");
            vec![Imported::NotDone; members.len()]
        }
        Err(error) => vec![Imported::Refused(Arc::new(error)); members.len()],
    }
}

/// The items that are created, as they are found: the import may still be under way, and shows only when it is done.
async fn in_doubt(known: &Known, members: &[Member], error: Error) -> Vec<Imported> {
    // What is not found may be sent by itself: as patiently as after a create of each type by itself.
    let created = members.iter().filter(|member| member.id.is_none());
    let patience = created.map(|member| known.limits.creates.of_type(&member.key.item_type).settle).max();
    let patience = patience.unwrap_or_default().max(known.limits.settle);
    let there = look_up(known, members, patience).await.unwrap_or_default();
    let error = Arc::new(error);
    let end = |(index, member): (usize, &Member)| match there.get(&index) {
        Some(id) => {
            known.doubt(&member.key);
            Imported::Done(*id)
        }
        None => Imported::Unknown(Arc::clone(&error)),
    };
    members.iter().enumerate().map(end).collect()
}

fn found(there: &Result<HashMap<usize, Uuid>, Arc<Error>>, index: usize) -> Imported {
    match there {
        Ok(there) => there.get(&index).map_or(Imported::NotDone, |id| Imported::InPart(*id)),
        Err(error) => Imported::Unknown(Arc::clone(error)),
    }
}

/// Which of the items that are created are there, by their place among `members`. Looks again until all are, as long as
/// `patience` lasts.
async fn look_up(known: &Known, members: &[Member], patience: Duration) -> Result<HashMap<usize, Uuid>, Arc<Error>> {
    let last = Mutex::new(HashMap::new());
    let look = || async {
        let listed = known.workspace().items().list().await?;
        let mut there = HashMap::new();
        for (index, member) in members.iter().enumerate().filter(|(_, member)| member.id.is_none()) {
            there.extend(member.among(&listed).map(|id| (index, id)));
        }
        let all = members.iter().filter(|member| member.id.is_none()).count() == there.len();
        last.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&there);
        Ok(all.then_some(()))
    };
    settle(patience, &look).await.map_err(Arc::new)?;
    Ok(last.into_inner().unwrap_or_else(PoisonError::into_inner))
}

impl Member {
    /// The id by which the service pairs it: that of its object; for one that has none yet, one that nothing has.
    fn logical_id(&self) -> Uuid {
        self.id.map_or_else(Uuid::new_v4, logical_id::of_object)
    }

    fn among(&self, listed: &[Item]) -> Option<Uuid> {
        let mut ours = listed.iter().filter(|item| {
            item.item_type.as_str() == self.key.item_type
                && item.display_name == self.key.name
                && item.folder_id == self.folder_id
        });
        match (ours.next(), ours.next()) {
            (Some(item), None) => Some(item.id),
            _ => None,
        }
    }

    fn parts(&self, logical_id: Uuid) -> impl Iterator<Item = DefinitionPart> {
        let path = self.folder.0.iter().fold(String::new(), |path, name| path + "/" + name);
        let root = format!("{path}/{}", self.key);
        let mut metadata = json!({ "type": self.key.item_type, "displayName": self.key.name });
        if let Some(description) = &self.description {
            metadata["description"] = description.as_str().into();
        }
        let platform = json!({
            "$schema": "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json",
            "metadata": metadata,
            "config": { "version": "2.0", "logicalId": logical_id },
        });
        let platform =
            DefinitionPart { path: format!("{root}/.platform"), payload: platform.to_string().into_bytes().into() };
        let own = self.definition.parts.iter().filter(|part| part.path != ".platform");
        let own: Vec<_> = own
            .map(|part| DefinitionPart { path: format!("{root}/{}", part.path), payload: part.payload.clone() })
            .collect();
        std::iter::once(platform).chain(own)
    }

    /// What the answer says; `None` where it says nothing.
    async fn end(&self, known: &Known, answer: &[ImportedItem], logical_id: Uuid) -> Option<Imported> {
        let by_id = answer.iter().find(|imported| imported.item_logical_id == Some(logical_id));
        let is_named = |imported: &&ImportedItem| {
            imported.item_type.as_deref() == Some(self.key.item_type.as_str())
                && imported.item_display_name.as_deref() == Some(self.key.name.as_str())
        };
        let said = by_id.or_else(|| answer.iter().find(is_named))?;
        match (said.operation_status.as_deref(), said.item_id, self.id) {
            (Some("Failed"), ..) => Some(Imported::NotDone),
            (_, Some(id), Some(own)) if id != own => {
                // Somebody deleted the item meanwhile, and the service made another one of its name.
                if said.operation_type.as_deref() == Some("Create") {
                    let removed = known.workspace().items().delete(id, Deletion::Soft).await;
                    tracing::warn!(item = %self.key, %id, removed = removed.is_ok(), "made instead of updated");
                }
                Some(Imported::NotDone)
            }
            (None | Some("Succeeded"), id, own) => own.or(id).map(Imported::Done),
            (Some(_), id, own) => own.or(id).map(Imported::InPart),
        }
    }
}

/// How patient a single create is that follows an import in doubt.
pub(super) fn may_follow(known: &Known, key: &ItemKey, error: &Error) -> bool {
    let policy: create::CreatePolicy = known.limits.creates.of_type(&key.item_type);
    policy.attempts > 1 && error.operation_id().is_none()
}
