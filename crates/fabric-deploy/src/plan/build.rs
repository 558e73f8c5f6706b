//! Compares desired and actual state and lays out the steps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use fabric_client::PublishState;
use uuid::Uuid;

use super::compare::part_changes;
use super::graph::{self, Node};
use super::shortcuts::Orphan;
use super::strategy;
use super::{Change, KeepReason, KeptItem, Plan, PlanOptions, PlannedStep, Replaced};
use crate::actual::{ActualItem, ActualState};
use crate::content::{Reference, WorkspaceRef};
use crate::desired::{DesiredBody, DesiredItem, DesiredState, FolderPath, ItemKey, WorkspaceSelector};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::error::DeployError;
use crate::git::Credentials;
use crate::item_type;

/// The plan from `actual` to `desired`.
pub fn build(desired: &DesiredState, actual: &ActualState, options: PlanOptions) -> Result<Plan, DeployError> {
    let mut builder =
        Builder { desired, actual, nodes: Vec::new(), of_item: HashMap::new(), of_folder: HashMap::new() };
    builder.check_references()?;
    builder.check_connections()?;
    let workspace_steps = builder.workspace();
    builder.folders(&workspace_steps);
    let mut unchanged = builder.items(&workspace_steps)?;
    builder.connect_items();
    let mut changed = builder.shortcuts()?;
    changed.extend(builder.connections()?);
    unchanged.retain(|(key, _)| !changed.contains(key));
    builder.roles(&workspace_steps);
    let kept = builder.orphans(options)?;
    builder.git(options);
    let nodes = builder.nodes;
    let step_ids: Vec<String> = nodes.iter().map(|node| node.content.step_id()).collect();
    let sorted = graph::sort(nodes).map_err(|cycle| {
        let names: Vec<_> = cycle.into_iter().filter_map(|position| step_ids.get(position).cloned()).collect();
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(
            Diagnostic::error("reference-cycle", format!("these steps wait for each other: {}", names.join(", ")))
                .remedy("break the cycle: one of the items must not refer to the next"),
        );
        DeployError::Invalid(diagnostics)
    })?;
    let steps: Vec<_> =
        sorted.into_iter().map(|(change, after)| PlannedStep { id: change.step_id(), change, after }).collect();
    let workspace_name = match (&actual.workspace, &desired.workspace.selector) {
        (Some(workspace), _) => workspace.name.clone(),
        (None, WorkspaceSelector::Name(name)) => name.clone(),
        (None, WorkspaceSelector::Id(id)) => id.to_string(),
    };
    let imports = strategy::imports(options.strategy, desired, actual, &steps);
    Ok(Plan {
        environment: desired.environment.clone(),
        workspace: actual.workspace.clone(),
        workspace_name,
        steps,
        unchanged,
        kept,
        strategy: options.strategy,
        imports,
    })
}

pub(super) struct Builder<'a> {
    pub(super) desired: &'a DesiredState,
    pub(super) actual: &'a ActualState,
    pub(super) nodes: Vec<Node<Change>>,
    /// The steps that make an item what it shall be; others wait for them.
    pub(super) of_item: HashMap<ItemKey, Vec<usize>>,
    of_folder: HashMap<FolderPath, usize>,
}

impl<'a> Builder<'a> {
    pub(super) fn add(&mut self, change: Change, after: Vec<usize>) -> usize {
        let rank = change.item().map_or(0, |key| item_type::rank(&key.item_type));
        let priority = (rank, change.step_id());
        self.nodes.push(Node { content: change, priority, after });
        self.nodes.len() - 1
    }

    /// Every reference must mean something that exists or will be created.
    fn check_references(&self) -> Result<(), DeployError> {
        let mut diagnostics = Diagnostics::new();
        for item in self.desired.items.values() {
            for (content, source) in item.contents() {
                for reference in content.references() {
                    if !self.will_have_value(reference) {
                        diagnostics.push(self.unknown(reference).at(Place::file(source)));
                    }
                }
            }
        }
        if diagnostics.has_errors() { Err(DeployError::Invalid(diagnostics.sorted())) } else { Ok(()) }
    }

    fn unknown(&self, reference: &Reference) -> Diagnostic {
        let left_out = reference.target_item().is_some_and(|key| self.desired.scope.left_out.contains_key(key));
        let (place, remedy) = if left_out {
            ("is not selected, and not in the workspace yet", "select it as well")
        } else {
            (
                "is nowhere: neither in the files nor in the workspace",
                "correct the name, add the item to the source folder, or create it in the workspace first",
            )
        };
        Diagnostic::error("unknown-reference", format!("{reference} {place}")).remedy(remedy)
    }

    fn will_have_value(&self, reference: &Reference) -> bool {
        match reference {
            Reference::WorkspaceId(WorkspaceRef::Target) | Reference::WorkspaceName { .. } => true,
            // Whether there is such a secret is asked of its store, before the workspace is read.
            Reference::Secret(_) => true,
            // A workspace that is yet to be created may use the pools of its capacity.
            Reference::SparkPool { .. } => {
                self.actual.workspace.is_none() || self.actual.values.contains_key(reference)
            }
            Reference::Item { workspace: WorkspaceRef::Target, key, .. } => {
                self.desired.items.contains_key(key) || self.actual.values.contains_key(reference)
            }
            Reference::WorkspaceId(WorkspaceRef::Named(_))
            | Reference::Item { workspace: WorkspaceRef::Named(_), .. } => self.actual.values.contains_key(reference),
        }
    }

    fn workspace(&mut self) -> Vec<usize> {
        let desired = &self.desired.workspace;
        match (&self.actual.workspace, &desired.selector) {
            (None, selector) => {
                let name = match selector {
                    WorkspaceSelector::Name(name) => name.clone(),
                    WorkspaceSelector::Id(id) => id.to_string(),
                };
                let change = Change::CreateWorkspace {
                    name,
                    description: desired.description.clone(),
                    capacity_id: desired.capacity_id,
                };
                vec![self.add(change, Vec::new())]
            }
            (Some(workspace), _) => {
                if let Some(to) = desired.description.as_ref().filter(|to| **to != workspace.description) {
                    let description = Replaced { from: workspace.description.clone(), to: to.clone() };
                    self.add(Change::DescribeWorkspace { description }, Vec::new());
                }
                match desired.capacity_id {
                    Some(to) if workspace.capacity_id != Some(to) => {
                        let capacity_id = Replaced { from: workspace.capacity_id, to: Some(to) };
                        vec![self.add(Change::AssignCapacity { capacity_id }, Vec::new())]
                    }
                    _ => Vec::new(),
                }
            }
        }
    }

    fn folders(&mut self, workspace_steps: &[usize]) {
        for path in self.desired.folders() {
            if self.actual.folders.contains_key(&path) {
                continue;
            }
            let parent = path.parent().and_then(|parent| self.of_folder.get(&parent).copied());
            let after = parent.map_or_else(|| workspace_steps.to_vec(), |parent| vec![parent]);
            let step = self.add(Change::CreateFolder { path: path.clone() }, after);
            self.of_folder.insert(path, step);
        }
    }

    fn items(&mut self, workspace_steps: &[usize]) -> Result<Vec<(ItemKey, Uuid)>, DeployError> {
        let mut unchanged = Vec::new();
        for item in self.desired.items.values() {
            let mut base = workspace_steps.to_vec();
            base.extend(item.folder.as_ref().and_then(|folder| self.of_folder.get(folder)));
            let steps = match self.actual.items.find(&item.key, item.folder.as_ref())? {
                None => vec![self.add(
                    Change::CreateItem {
                        key: item.key.clone(),
                        folder: item.folder.clone().unwrap_or_default(),
                        logical_id: item.logical_id,
                    },
                    base,
                )],
                Some(found) => self.changes_of(item, found, &base),
            };
            let found = self.actual.items.find(&item.key, item.folder.as_ref())?;
            let settled = self.settle(item, found, &steps);
            match found {
                Some(found) if steps.is_empty() && !settled => unchanged.push((item.key.clone(), found.id)),
                _ => {}
            }
            self.of_item.insert(item.key.clone(), steps);
        }
        Ok(unchanged)
    }

    fn changes_of(&mut self, item: &DesiredItem, found: &ActualItem, base: &[usize]) -> Vec<usize> {
        let mut steps = Vec::new();
        let key = || item.key.clone();
        if let DesiredBody::Definition { parts, .. } = &item.body {
            let changed = self
                .actual
                .definitions
                .get(&found.id)
                .map(|actual| part_changes(&item.key.item_type, parts, actual, self.actual, &self.desired.secrets));
            let differs = changed.as_ref().is_none_or(|changed| !changed.is_empty());
            if differs {
                let parts = changed.unwrap_or_default();
                steps.push(self.add(Change::UpdateDefinition { key: key(), id: found.id, parts }, base.to_vec()));
            }
        }
        let name = (found.key.name != item.key.name)
            .then(|| Replaced { from: found.key.name.clone(), to: item.key.name.clone() });
        let description = item
            .description
            .as_ref()
            .filter(|to| **to != found.description)
            .map(|to| Replaced { from: found.description.clone(), to: to.clone() });
        if name.is_some() || description.is_some() {
            let change = Change::UpdateMetadata { key: key(), id: found.id, name, description };
            steps.push(self.add(change, base.to_vec()));
        }
        if let Some(to) = item.folder.as_ref().filter(|to| **to != found.folder) {
            let folder = Replaced { from: found.folder.clone(), to: to.clone() };
            steps.push(self.add(Change::MoveItem { key: key(), id: found.id, folder }, base.to_vec()));
        }
        steps
    }

    /// What follows an item's own change: publishing an environment, choosing a value set.
    fn settle(&mut self, item: &DesiredItem, found: Option<&ActualItem>, steps: &[usize]) -> bool {
        let mut settled = false;
        if item.key.item_type == "Environment" {
            let content_changes = steps.iter().any(|step| {
                matches!(self.nodes[*step].content, Change::CreateItem { .. } | Change::UpdateDefinition { .. })
            }) && matches!(item.body, DesiredBody::Definition { .. });
            let unpublished = found
                .and_then(|found| self.actual.environments.get(&found.id))
                .is_some_and(|state| matches!(state, PublishState::Failed | PublishState::Cancelled));
            if content_changes || unpublished {
                self.add(Change::PublishEnvironment { key: item.key.clone() }, steps.to_vec());
                settled = true;
            }
        }
        if let Some(to) = &item.active_value_set {
            let from = found.and_then(|found| self.actual.value_sets.get(&found.id)).cloned();
            if from.as_ref() != Some(to) {
                let value_set = Replaced { from, to: Some(to.clone()) };
                let change = Change::SetActiveValueSet { key: item.key.clone(), value_set };
                self.add(change, steps.to_vec());
                settled = true;
            }
        }
        settled
    }

    /// An item comes after the items that its content refers to and after its parents.
    fn connect_items(&mut self) {
        for item in self.desired.items.values() {
            let mut before: HashSet<&ItemKey> = item.parents.iter().collect();
            if let DesiredBody::Definition { parts, .. } = &item.body {
                before.extend(
                    parts
                        .iter()
                        .flat_map(|part| part.content.references())
                        .filter_map(Reference::target_item)
                        .filter(|key| **key != item.key),
                );
            }
            let after: Vec<usize> =
                before.into_iter().filter_map(|key| self.of_item.get(key)).flatten().copied().collect();
            for step in self.of_item.get(&item.key).into_iter().flatten() {
                if matches!(self.nodes[*step].content, Change::CreateItem { .. } | Change::UpdateDefinition { .. }) {
                    self.nodes[*step].after.extend(&after);
                }
            }
        }
        self.connect_one_at_a_time();
    }

    /// Items of some types come one after the other, but for those that refer to the next.
    fn connect_one_at_a_time(&mut self) {
        let mut previous: HashMap<&str, &DesiredItem> = HashMap::new();
        for item in self.desired.items.values().filter(|item| item_type::is_one_at_a_time(&item.key.item_type)) {
            let steps = self.of_item.get(&item.key).cloned().unwrap_or_default();
            if steps.is_empty() {
                continue;
            }
            let before = previous.insert(&item.key.item_type, item);
            let Some(before) = before.filter(|before| !before.references_to_items().any(|key| *key == item.key)) else {
                continue;
            };
            let after = self.of_item.get(&before.key).cloned().unwrap_or_default();
            for step in steps {
                self.nodes[step].after.extend(&after);
            }
        }
    }

    fn roles(&mut self, workspace_steps: &[usize]) {
        for desired in &self.desired.roles {
            let label = desired.label.clone();
            match self.actual.roles.iter().find(|actual| actual.principal == desired.principal) {
                None => {
                    let change = Change::AddRole {
                        principal: desired.principal,
                        principal_type: desired.principal_type,
                        label,
                        role: desired.role,
                    };
                    self.add(change, workspace_steps.to_vec());
                }
                Some(actual) if actual.role != Some(desired.role) => {
                    let change = Change::ChangeRole {
                        principal: desired.principal,
                        assignment_id: actual.assignment_id,
                        label,
                        role: Replaced { from: actual.role, to: Some(desired.role) },
                    };
                    self.add(change, workspace_steps.to_vec());
                }
                Some(_) => {}
            }
        }
    }

    /// Deletes come last, in the reverse of the order in which types are created, those of data last of all, and only
    /// where asked for.
    fn orphans(&mut self, options: PlanOptions) -> Result<Vec<KeptItem>, DeployError> {
        let mut wanted = HashSet::new();
        for item in self.desired.items.values() {
            wanted.extend(self.actual.items.find(&item.key, item.folder.as_ref())?.map(|found| found.id));
        }
        let mut kept = Vec::new();
        let mut doomed: BTreeMap<(bool, Reverse<usize>), Vec<&ActualItem>> = BTreeMap::new();
        for item in self.actual.items.iter() {
            if wanted.contains(&item.id) || self.actual.items.is_child(item) {
                continue;
            }
            let reason = if !self.desired.scope.may_delete(&item.key, &item.folder) {
                Some(KeepReason::NotSelected)
            } else if !options.prune {
                Some(KeepReason::NotPruned)
            } else if item_type::holds_data(&item.key.item_type) && !options.prune_data {
                Some(KeepReason::HoldsData)
            } else {
                None
            };
            match reason {
                Some(reason) => kept.push(KeptItem { key: item.key.clone(), id: item.id, shortcut: None, reason }),
                None => {
                    let data = item_type::holds_data(&item.key.item_type);
                    let order = (data, Reverse(item_type::rank(&item.key.item_type)));
                    doomed.entry(order).or_default().push(item);
                }
            }
        }
        let orphans = self.orphaned_shortcuts()?;
        let (doomed_shortcuts, spared): (Vec<_>, Vec<_>) =
            orphans.into_iter().partition(|orphan| options.prune && !orphan.is_excluded);
        kept.extend(spared.iter().map(Orphan::kept));
        let planned = doomed.values().map(Vec::len).sum::<usize>() + doomed_shortcuts.len();
        if planned > options.max_delete {
            return Err(DeployError::TooManyDeletes { planned, limit: options.max_delete });
        }
        let mut previous: Vec<usize> = if planned == 0 { Vec::new() } else { (0..self.nodes.len()).collect() };
        if !doomed_shortcuts.is_empty() {
            previous = doomed_shortcuts.iter().map(|orphan| self.add(orphan.deletion(), previous.clone())).collect();
        }
        for items in doomed.values() {
            previous = items.iter().map(|item| self.add(deletion_of(item), previous.clone())).collect();
        }
        if options.prune {
            let doomed: HashSet<Uuid> = doomed.values().flatten().map(|item| item.id).collect();
            self.empty_folders(&doomed, &previous);
        }
        kept.sort_by(|a, b| (&a.key, a.id, &a.shortcut).cmp(&(&b.key, b.id, &b.shortcut)));
        Ok(kept)
    }

    /// The connection comes when the workspace is as it shall be, the commit last of all.
    fn git(&mut self, options: PlanOptions) {
        let (Some(desired), Some(actual)) = (&self.desired.git, &self.actual.git) else { return };
        let stays = |change: &Change| !change.is_irreversible() && !matches!(change, Change::DeleteFolder { .. });
        let changes: Vec<usize> =
            self.nodes.iter().enumerate().filter(|(_, node)| stays(&node.content)).map(|(place, _)| place).collect();
        if !actual.is_connected {
            let mut after = changes;
            let provider = || desired.provider.clone();
            let credentials = match &actual.credentials {
                Credentials::Ready(credentials) => Some(credentials.clone()),
                Credentials::New { name } => {
                    let change = Change::CreateGitConnection { name: name.clone(), provider: provider() };
                    after.push(self.add(change, Vec::new()));
                    None
                }
            };
            self.add(Change::ConnectGit { provider: provider(), credentials, from: actual.other.clone() }, after);
        }
        if let Some(comment) = &desired.commit
            && (!self.nodes.is_empty() || actual.outgoing > 0)
        {
            let everything = (0..self.nodes.len()).collect();
            self.add(Change::CommitToGit { comment: comment.clone(), deletions: options.prune }, everything);
        }
    }

    fn empty_folders(&mut self, doomed: &HashSet<Uuid>, after: &[usize]) {
        let mut needed: HashSet<FolderPath> = self.desired.folders().into_iter().collect();
        needed.extend(self.desired.scope.left_out.values().cloned());
        let moved: HashMap<Uuid, &FolderPath> = self
            .nodes
            .iter()
            .filter_map(|node| match &node.content {
                Change::MoveItem { id, folder, .. } => Some((*id, &folder.to)),
                _ => None,
            })
            .collect();
        // What comes and goes with another item, such as a SQL endpoint, moves and goes with it.
        let items = self.actual.items.iter();
        for item in items.filter(|item| !doomed.contains(&item.id) && !self.actual.items.is_child(item)) {
            let mut next = Some(moved.get(&item.id).map_or_else(|| item.folder.clone(), |to| (*to).clone()));
            while let Some(folder) = next {
                next = folder.parent();
                needed.insert(folder);
            }
        }
        let moves: Vec<usize> = self
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| matches!(node.content, Change::MoveItem { .. }))
            .map(|(position, _)| position)
            .collect();
        let mut children: HashMap<FolderPath, Vec<usize>> = HashMap::new();
        for (path, id) in self.actual.folders.iter().rev() {
            if needed.contains(path) {
                continue;
            }
            let mut after = after.to_vec();
            after.extend(&moves);
            after.extend(children.remove(path).into_iter().flatten());
            let step = self.add(Change::DeleteFolder { path: path.clone(), id: *id }, after);
            if let Some(parent) = path.parent() {
                children.entry(parent).or_default().push(step);
            }
        }
    }
}

fn deletion_of(item: &ActualItem) -> Change {
    Change::DeleteItem {
        key: item.key.clone(),
        id: item.id,
        description: item.description.clone(),
        folder: item.folder.clone(),
    }
}
