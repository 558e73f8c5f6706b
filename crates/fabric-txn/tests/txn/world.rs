//! A world of named items with contents, the steps that change it, and faults that can be injected into them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use fabric_txn::store::MemoryStore;
use fabric_txn::{Failure, Finding, Outcome, Registry, Reversibility, Step, StepContext, StepSpec, TransactionId};
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub id: u64,
    pub content: String,
    /// Which transaction created it.
    pub mark: Option<TransactionId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Apply,
    Probe,
    Undo,
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An error, and no effect.
    Refused,
    /// No answer, and no effect.
    LostBefore,
    /// The effect, and no answer.
    LostAfter,
    /// The effect, and an error that claims that there is none.
    Lie,
    /// Success, and no effect.
    Idle,
    /// The call never ends, and has no effect.
    Hangs,
}

#[derive(Debug, Default)]
struct Inner {
    items: BTreeMap<String, Item>,
    next_id: u64,
    /// What goes wrong with the calls to a step, one after the other.
    faults: BTreeMap<(String, Phase), Vec<Option<Fault>>>,
    repeats: BTreeMap<(String, Phase), usize>,
    calls: Vec<(String, Phase)>,
    watched: Option<(Arc<MemoryStore>, TransactionId)>,
    /// The items after every change, with the length of the journal at that time.
    changes: Vec<(usize, BTreeMap<String, Item>)>,
}

/// Shared by the steps of all kinds.
#[derive(Debug, Clone, Default)]
pub struct World(Arc<Mutex<Inner>>);

pub fn create(name: &str) -> StepSpec {
    StepSpec::new(name, "create", json!({"item": name, "content": format!("new {name}")}))
}

pub fn update(name: &str) -> StepSpec {
    StepSpec::new(name, "update", json!({"item": name, "content": format!("new {name}")}))
}

pub fn delete(name: &str) -> StepSpec {
    StepSpec::new(name, "delete", json!({"item": name}))
}

pub fn delete_for_good(name: &str) -> StepSpec {
    StepSpec::new(name, "delete", json!({"item": name, "irreversible": true}))
}

/// A step that lets others go first, `yields` times.
pub fn slow(mut step: StepSpec, yields: u64) -> StepSpec {
    step.payload["yields"] = json!(yields);
    step
}

impl World {
    /// A world in which `names` exist.
    pub fn with(names: &[&str]) -> Self {
        let world = Self::default();
        for name in names {
            world.put(name, &format!("old {name}"));
        }
        world
    }

    pub fn put(&self, name: &str, content: &str) {
        let mut inner = self.inner();
        inner.next_id += 1;
        let item = Item { id: inner.next_id, content: content.to_owned(), mark: None };
        inner.items.insert(name.to_owned(), item);
    }

    pub fn remove(&self, name: &str) {
        self.inner().items.remove(name);
    }

    pub fn registry(&self) -> Registry {
        Registry::new()
            .with("create", Create(self.clone()))
            .with("update", Update(self.clone()))
            .with("delete", Delete(self.clone()))
    }

    pub fn items(&self) -> BTreeMap<String, Item> {
        self.inner().items.clone()
    }

    /// The world without ids, which may change when something comes back.
    pub fn contents(&self) -> BTreeMap<String, String> {
        contents(&self.inner().items)
    }

    /// A world with other items and no faults.
    pub fn at(items: BTreeMap<String, Item>) -> Self {
        let next_id = items.values().map(|item| item.id).max().unwrap_or_default() + 1000;
        Self(Arc::new(Mutex::new(Inner { items, next_id, ..Inner::default() })))
    }

    pub fn inject(&self, step: &str, phase: Phase, faults: &[Option<Fault>]) {
        self.inner().faults.insert((step.to_owned(), phase), faults.to_vec());
    }

    /// Every call to `step` in `phase` has its effect so many times.
    pub fn inject_repeat(&self, step: &str, phase: Phase, times: usize) {
        self.inner().repeats.insert((step.to_owned(), phase), times);
    }

    pub fn calls(&self, phase: Phase) -> Vec<String> {
        self.inner().calls.iter().filter(|call| call.1 == phase).map(|call| call.0.clone()).collect()
    }

    pub fn watch(&self, store: &Arc<MemoryStore>, transaction: TransactionId) {
        self.inner().watched = Some((Arc::clone(store), transaction));
    }

    pub fn changes(&self) -> Vec<(usize, BTreeMap<String, Item>)> {
        self.inner().changes.clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// Notes the call and finds out what goes wrong with it.
    fn call(&self, step: &str, phase: Phase) -> Option<Fault> {
        let mut inner = self.inner();
        inner.calls.push((step.to_owned(), phase));
        let faults = inner.faults.get_mut(&(step.to_owned(), phase))?;
        if faults.is_empty() { None } else { faults.remove(0) }
    }

    fn change(&self, step: &str, phase: Phase, change: impl Fn(&mut BTreeMap<String, Item>, u64)) {
        let mut guard = self.inner();
        let inner = &mut *guard;
        let times = inner.repeats.get(&(step.to_owned(), phase)).copied().unwrap_or(1);
        for _ in 0..times {
            inner.next_id += 1;
            change(&mut inner.items, inner.next_id);
            if let Some((store, transaction)) = &inner.watched {
                inner.changes.push((store.journal_len(*transaction), inner.items.clone()));
            }
        }
    }

    async fn apply(
        &self,
        context: &StepContext<'_>,
        change: impl Fn(&mut BTreeMap<String, Item>, u64),
        output: impl Fn() -> Value,
    ) -> Outcome {
        for _ in 0..context.payload()["yields"].as_u64().unwrap_or_default() {
            tokio::task::yield_now().await;
        }
        let fault = self.call(context.name(), Phase::Apply);
        let lost = || Failure::new("no answer");
        match fault {
            Some(Fault::Hangs) => std::future::pending().await,
            Some(Fault::Refused) => return Outcome::NotApplied(Failure::new("refused")),
            Some(Fault::LostBefore) => return Outcome::Unknown(lost()),
            Some(Fault::Idle) => return Outcome::Applied(output()),
            Some(Fault::LostAfter | Fault::Lie) | None => self.change(context.name(), Phase::Apply, change),
        }
        match fault {
            Some(Fault::LostAfter) => Outcome::Unknown(lost()),
            Some(Fault::Lie) => Outcome::NotApplied(Failure::new("refused, it says")),
            _ => Outcome::Applied(output()),
        }
    }

    async fn undo(
        &self,
        context: &StepContext<'_>,
        change: impl Fn(&mut BTreeMap<String, Item>, u64),
    ) -> Result<Value, Failure> {
        tokio::task::yield_now().await;
        let fault = self.call(context.name(), Phase::Undo);
        match fault {
            Some(Fault::Hangs) => std::future::pending().await,
            Some(Fault::Refused | Fault::LostBefore) => return Err(Failure::new("undo refused")),
            Some(Fault::Idle) => {}
            Some(Fault::LostAfter | Fault::Lie) | None => self.change(context.name(), Phase::Undo, change),
        }
        match fault {
            Some(Fault::LostAfter | Fault::Lie) => Err(Failure::new("no answer to the undo")),
            _ => Ok(Value::Null),
        }
    }

    async fn probe(&self, context: &StepContext<'_>, look: impl FnOnce(Option<Item>) -> Finding) -> Finding {
        tokio::task::yield_now().await;
        match self.call(context.name(), Phase::Probe) {
            Some(Fault::Hangs) => std::future::pending().await,
            Some(_) => Finding::Unknown(Failure::new("the look-up failed")),
            None => look(self.items().get(item(context)).cloned()),
        }
    }
}

pub fn contents(items: &BTreeMap<String, Item>) -> BTreeMap<String, String> {
    items.iter().map(|(name, item)| (name.clone(), item.content.clone())).collect()
}

fn item<'a>(context: &'a StepContext<'_>) -> &'a str {
    context.payload()["item"].as_str().unwrap()
}

fn content(context: &StepContext<'_>) -> String {
    context.payload()["content"].as_str().unwrap().to_owned()
}

struct Create(World);

#[async_trait]
impl Step for Create {
    fn reversibility(&self, _: &Value) -> Reversibility {
        Reversibility::Reversible
    }

    async fn apply(&self, context: &StepContext<'_>) -> Outcome {
        let name = item(context);
        if self.0.items().contains_key(name) {
            return Outcome::NotApplied(Failure::new("there is one of that name"));
        }
        let create = |items: &mut BTreeMap<String, Item>, id| {
            assert!(!items.contains_key(name), "{name} is created twice");
            let item = Item { id, content: content(context), mark: Some(context.transaction()) };
            items.insert(name.to_owned(), item);
        };
        self.0.apply(context, create, || json!({"id": self.0.items().get(name).map(|item| item.id)})).await
    }

    async fn probe(&self, context: &StepContext<'_>) -> Finding {
        let ours = |item: Option<Item>| item.filter(|item| item.mark == Some(context.transaction()));
        self.0
            .probe(context, |item| {
                ours(item).map_or(Finding::NotApplied, |item| Finding::Applied(json!({"id": item.id})))
            })
            .await
    }

    async fn undo(&self, context: &StepContext<'_>) -> Result<Value, Failure> {
        let id = context.output()["id"].as_u64().ok_or_else(|| Failure::new("no id is known"))?;
        self.0.undo(context, |items, _| items.retain(|_, item| item.id != id)).await
    }
}

struct Update(World);

#[async_trait]
impl Step for Update {
    fn reversibility(&self, _: &Value) -> Reversibility {
        Reversibility::Reversible
    }

    async fn apply(&self, context: &StepContext<'_>) -> Outcome {
        let name = item(context);
        let Some(present) = self.0.items().get(name).cloned() else {
            return Outcome::NotApplied(Failure::new("there is no such item"));
        };
        if let Err(error) = context.save("content", present.content.as_bytes()).await {
            return Outcome::NotApplied(error.into());
        }
        let new = content(context);
        let update = |items: &mut BTreeMap<String, Item>, _| items.get_mut(name).unwrap().content.clone_from(&new);
        self.0.apply(context, update, || json!({"id": present.id})).await
    }

    async fn probe(&self, context: &StepContext<'_>) -> Finding {
        let before = match context.before("content").await {
            Ok(before) => before,
            Err(error) => return Finding::Unknown(error.into()),
        };
        // Without a before-image there was no effect.
        let Some(before) = before else { return Finding::NotApplied };
        self.0
            .probe(context, |item| match item {
                Some(item) if item.content == content(context) => Finding::Applied(json!({"id": item.id})),
                Some(item) if item.content.as_bytes() == before => Finding::NotApplied,
                _ => Finding::Unknown(Failure::new("somebody else changed it")),
            })
            .await
    }

    async fn undo(&self, context: &StepContext<'_>) -> Result<Value, Failure> {
        let before = context.before("content").await?.ok_or_else(|| Failure::new("nothing was saved"))?;
        let before = String::from_utf8(before)?;
        let name = item(context);
        self.0.undo(context, |items, _| items.get_mut(name).unwrap().content.clone_from(&before)).await
    }
}

struct Delete(World);

#[async_trait]
impl Step for Delete {
    fn reversibility(&self, payload: &Value) -> Reversibility {
        let for_good = payload["irreversible"] == json!(true);
        if for_good { Reversibility::Irreversible } else { Reversibility::ReversibleWithNewId }
    }

    async fn apply(&self, context: &StepContext<'_>) -> Outcome {
        let name = item(context);
        let Some(present) = self.0.items().get(name).cloned() else {
            return Outcome::NotApplied(Failure::new("there is no such item"));
        };
        if let Err(error) = context.save("content", present.content.as_bytes()).await {
            return Outcome::NotApplied(error.into());
        }
        let delete = |items: &mut BTreeMap<String, Item>, _| {
            items.remove(name);
        };
        self.0.apply(context, delete, || Value::Null).await
    }

    async fn probe(&self, context: &StepContext<'_>) -> Finding {
        self.0.probe(context, |item| item.map_or(Finding::Applied(Value::Null), |_| Finding::NotApplied)).await
    }

    async fn undo(&self, context: &StepContext<'_>) -> Result<Value, Failure> {
        let before = context.before("content").await?.ok_or_else(|| Failure::new("nothing was saved"))?;
        let content = String::from_utf8(before)?;
        let name = item(context);
        let create = |items: &mut BTreeMap<String, Item>, id| {
            items.entry(name.to_owned()).or_insert(Item { id, content: content.clone(), mark: None });
        };
        self.0.undo(context, create).await?;
        Ok(json!({"id": self.0.items().get(name).map(|item| item.id)}))
    }
}
