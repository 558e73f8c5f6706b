//! A deployment that goes in bulk imports, disturbed at every call and ended at every point.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use fabric_deploy::desired::{DesiredState, DesiredWorkspace, WorkspaceSelector};
use fabric_deploy::plan::Strategy;
use fabric_deploy::secret::Secrets;
use fabric_deploy::source::{self, SourceRequest};
use fabric_emulator::{FaultKind, ImportPartly, RequestRecord};
use futures::FutureExt;
use serde_json::json;

use super::crashes::{recover_to, ways};
use super::faults::{at, kinds};
use super::files::{self, WORKSPACE};
use super::life::{Life, Point};
use super::product::{OneSecret, Version};
use super::scenario::{FIRST_AGE, is_full, none, run, sample};
use super::session::{Ended, Stage};
use super::world::{Kept, World};

const IMPORT: &str = "BulkImportItemDefinitions";

/// Items of which many are created, or updated, at the same time.
pub(super) fn desired(version: Version) -> Arc<DesiredState> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), version);
    let (loaded, diagnostics) = source::load(&SourceRequest {
        root: folder.path(),
        parameters: None.into(),
        environment: "test",
        lookup_env: &|_| None,
        looked_up: None,
        named_by: None,
    });
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let mut desired = DesiredState {
        environment: "test".to_owned(),
        workspace: DesiredWorkspace {
            selector: WorkspaceSelector::Name(WORKSPACE.to_owned()),
            description: None,
            capacity_id: None,
        },
        items: loaded.unwrap().items,
        extra_folders: Vec::new(),
        roles: Vec::new(),
        scope: fabric_deploy::selection::Scope::default(),
        secrets: Secrets::default(),
        git: None,
    };
    let secrets = Secrets::read(Arc::new(OneSecret), &desired).now_or_never().expect("nothing waits");
    desired.secrets = secrets.expect("there is such a secret");
    Arc::new(desired)
}

fn write(root: &Path, version: Version) {
    let item = |folder: &str, item_type: &str, name: &str, number: u32, part: &str, text: &str| {
        let folder = root.join(folder).join(format!("{name}.{item_type}"));
        std::fs::create_dir_all(&folder).unwrap();
        let platform = json!({
            "metadata": { "type": item_type, "displayName": name, "description": format!("{name} of the product") },
            "config": { "version": "2.0", "logicalId": logical_id(number) },
        });
        std::fs::write(folder.join(".platform"), platform.to_string()).unwrap();
        std::fs::write(folder.join(part), text).unwrap();
    };
    let notebook = |folder: &str, name: &str, number: u32, text: &str| {
        let text = format!("# Fabric notebook source\n\nprint('{text}', 'PASSWORD')\n");
        item(folder, "Notebook", name, number, "notebook-content.py", &text);
    };
    let parameters = "find_replace:\n- find_value: PASSWORD\n  replace_value: {test: 'p=${secret:password};'}\n";
    std::fs::write(root.join("parameter.yml"), parameters).unwrap();
    let many = version == Version::Many;
    let text = if many { "many" } else { "few" };
    for number in 1..=3 {
        notebook("Data", &format!("Old{number}"), number, text);
    }
    if !many {
        return;
    }
    for number in 4..=6 {
        notebook("Data", &format!("New{number}"), number, text);
        let activity = json!({ "properties": { "activities": [{ "name": "Run", "type": "TridentNotebook",
            "typeProperties": { "notebookId": logical_id(number), "workspaceId": "00000000-0000-0000-0000-000000000000" } }] } });
        let name = format!("Run{number}");
        item("Data/Flows", "DataPipeline", &name, number + 10, "pipeline-content.json", &activity.to_string());
    }
}

fn logical_id(number: u32) -> String {
    format!("20000000-0000-4000-8000-{number:012}")
}

/// What was found once, by deploying without any disturbance.
struct Bulk {
    first: serde_json::Value,
    kept: Kept,
    before: World,
    after: World,
    points: Vec<Point>,
    requests: Vec<RequestRecord>,
}

impl Bulk {
    fn get() -> &'static Self {
        static BULK: OnceLock<Bulk> = OnceLock::new();
        BULK.get_or_init(|| std::thread::spawn(|| run(Self::find())).join().unwrap())
    }

    async fn find() -> Self {
        let stage = Stage::new(files::seed()).await;
        assert_eq!(stage.process(&Life::long()).deploy(Version::Few).await, Some(Ended::Committed));
        let first = stage.emulator.world();
        let kept = Kept::all_but(&World::of(&stage.emulator, &Kept::default()), &[]);
        let stage = Self::stage_of(&first).await;
        let before = World::of(&stage.emulator, &kept);
        let life = Life::long();
        assert_eq!(stage.process(&life).deploy(Version::Many).await, Some(Ended::Committed));
        let (requests, points) = (stage.emulator.requests(), life.passed());
        let after = World::of(&stage.emulator, &kept);
        assert_ne!(before, after);
        let is = |request: &&RequestRecord, name: &str| request.operation.as_deref() == Some(name);
        let sent = |name: &str| requests.iter().filter(|request| is(request, name)).count();
        assert_eq!((sent(IMPORT), sent("CreateItem"), sent("UpdateItemDefinition")), (3, 0, 0));
        Self { first, kept, before, after, points, requests }
    }

    async fn stage(&self) -> Stage {
        Self::stage_of(&self.first).await
    }

    async fn stage_of(first: &serde_json::Value) -> Stage {
        Stage { strategy: Strategy::Bulk, ..Stage::aged(first.clone(), FIRST_AGE).await }
    }

    fn wrong(&self, stage: &Stage, ended: &Ended) -> Vec<String> {
        let expected = match ended {
            Ended::Committed => &self.after,
            Ended::RolledBack | Ended::NotBegun(_) => &self.before,
            Ended::Stuck(_) | Ended::Broken(_) => return vec![format!("it ended as {ended:?}")],
        };
        World::of(&stage.emulator, &self.kept).differences(expected)
    }
}

/// Every fault that can befall an import.
fn kinds_of_imports() -> Vec<(&'static str, FaultKind)> {
    let partly = |every, despite| FaultKind::ImportPartly(ImportPartly { every, despite });
    let own = [
        ("every other item failed", partly(2, false)),
        ("every item failed", partly(1, false)),
        ("every other item done in part", partly(2, true)),
    ];
    kinds().into_iter().chain(own).collect()
}

#[test]
fn every_fault_at_every_change_of_a_deployment_in_bulk_ends_before_or_after() {
    let bulk = Bulk::get();
    let mut wrong = Vec::new();
    let touched = bulk.requests.iter().enumerate().filter(|(_, request)| is_full() || request.mutating);
    for (index, request) in touched {
        for (name, kind) in kinds_of_imports() {
            for attempts in [1, 4] {
                run(async {
                    let stage = Stage { attempts, ..bulk.stage().await };
                    stage.emulator.set_faults(at(index + 1, &kind));
                    let ended = stage.process(&Life::long()).deploy(Version::Many).await.unwrap();
                    let call = request.operation.as_deref().unwrap_or_default();
                    for difference in bulk.wrong(&stage, &ended) {
                        wrong.push(format!("{name} at {index} ({call}), {attempts} attempts: {ended:?}: {difference}"));
                    }
                });
            }
        }
    }
    none(&wrong);
}

/// What the answer says nothing good of is sent once more by itself, and so all of it is done.
#[test]
fn items_that_an_import_fails_to_bring_are_sent_by_themselves() {
    let bulk = Bulk::get();
    let imports = bulk.requests.iter().enumerate().filter(|(_, request)| request.operation.as_deref() == Some(IMPORT));
    let partial = kinds_of_imports().into_iter().filter(|(name, _)| name.contains("item"));
    let failed = ("operation failed", FaultKind::LroFailed { error_code: "Boom".to_owned() });
    let kinds: Vec<_> = partial.chain([failed]).collect();
    for (index, _) in imports {
        for (name, kind) in &kinds {
            run(async {
                let stage = bulk.stage().await;
                stage.emulator.set_faults(at(index + 1, kind));
                let ended = stage.process(&Life::long()).deploy(Version::Many).await.unwrap();
                assert_eq!(ended, Ended::Committed, "{name} at {index}");
                none(&bulk.wrong(&stage, &ended));
            });
        }
    }
}

#[test]
fn a_deployment_in_bulk_that_dies_anywhere_is_ended_before_or_after() {
    let bulk = Bulk::get();
    let mut wrong = Vec::new();
    for point in sample(bulk.points.len(), 60) {
        for then in ways(point) {
            run(async {
                let stage = bulk.stage().await;
                let died = stage.process(&Life::until(point + 1)).deploy(Version::Many).await;
                assert_eq!(died, None, "it did not die at {point}");
                let ended = recover_to(Version::Many, &stage, &Life::long(), *then).await.unwrap();
                for difference in bulk.wrong(&stage, &ended) {
                    wrong.push(format!("{:?} ({point}), then {then:?}: {ended:?}: {difference}", bulk.points[point]));
                }
            });
        }
    }
    none(&wrong);
}

/// Nobody can undo what the service is still doing; but it is told, and nothing is sent a second time.
#[test]
fn an_import_that_never_ends_is_told_and_nothing_is_made_twice() {
    let bulk = Bulk::get();
    let imports = bulk.requests.iter().enumerate().filter(|(_, request)| request.operation.as_deref() == Some(IMPORT));
    for (index, _) in imports {
        for attempts in [1, 4] {
            run(async {
                let stage = Stage { attempts, ..bulk.stage().await };
                stage.emulator.set_faults(at(index + 1, &FaultKind::LroNever));
                let ended = stage.process(&Life::long()).deploy(Version::Many).await.unwrap();
                let Ended::Stuck(left) = &ended else { panic!("{ended:?}") };
                assert!(left.iter().any(|left| left.contains("is still under way")), "{left:?}");
                World::of(&stage.emulator, &bulk.kept);
            });
        }
    }
}

/// What can be neither made whole nor taken away is found by its name, and its name says nothing of its content.
#[test]
fn an_item_that_was_brought_in_part_and_cannot_be_mended_is_not_counted_as_done() {
    let bulk = Bulk::get();
    let imports = bulk.requests.iter().enumerate().filter(|(_, request)| request.operation.as_deref() == Some(IMPORT));
    let refused = |operation: &str, times| {
        json!({ "match": { "operation": operation, "nth": 1, "times": times },
            "kind": { "status": { "code": 403, "error_code": "InsufficientPrivileges" } } })
    };
    let mut undone = 0;
    for (index, _) in imports {
        for items in [1, 3] {
            run(async {
                let stage = bulk.stage().await;
                let mut faults =
                    at(index + 1, &FaultKind::ImportPartly(ImportPartly { every: 3 / items, despite: true }));
                let more = json!([refused("UpdateItemDefinition", items), refused("DeleteItem", items)]);
                faults.extend(serde_json::from_value::<Vec<fabric_emulator::Fault>>(more).unwrap());
                stage.emulator.set_faults(faults);
                let ended = stage.process(&Life::long()).deploy(Version::Many).await.unwrap();
                none(&bulk.wrong(&stage, &ended));
                undone += usize::from(ended == Ended::RolledBack);
            });
        }
    }
    assert!(undone > 1, "{undone} deployments were undone");
}
