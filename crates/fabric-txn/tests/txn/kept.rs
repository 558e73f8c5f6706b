//! Journals that were kept: the seeds of the fuzz target, and whatever it found. Each is read as the target reads it.

use std::fs;
use std::path::{Path, PathBuf};

use fabric_txn::{ExecuteOptions, FORMAT_VERSION, JournalStore, OnFailure, StepSpec};

use crate::reader;
use crate::support::{Run, block_on, options, run};
use crate::world::{Fault, Phase, World, create, delete, delete_for_good, update};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals")
}

#[test]
fn every_kept_journal_is_read_without_a_surprise() {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let journals: Vec<_> = files.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl")).collect();
    assert!(journals.len() >= 8, "{journals:?}");
    for journal in journals {
        let bytes = fs::read(&journal).unwrap();
        reader::read(&bytes);
        for cut in (0..bytes.len()).step_by(37) {
            reader::read(&bytes[..cut]);
        }
    }
}

/// Journals are read by later versions: those that were kept still say what they said.
#[test]
fn kept_journals_say_what_their_names_say() {
    for (name, phase) in [
        ("committed", "committed"),
        ("rolled-back", "rolled back"),
        ("stuck", "stuck"),
        ("kept", "open"),
        ("abandoned", "abandoned"),
        ("torn", "committed"),
    ] {
        let bytes = fs::read(folder().join(format!("{name}.jsonl"))).unwrap();
        let state = block_on(reader::state_of(&bytes)).unwrap_or_else(|| panic!("{name} cannot be read"));
        assert_eq!(state.phase.name(), phase, "{name}");
    }
    for name in ["damaged", "newer"] {
        let bytes = fs::read(folder().join(format!("{name}.jsonl"))).unwrap();
        assert_eq!(block_on(reader::state_of(&bytes)), None, "{name}");
    }
}

/// What this version writes differs from what was kept in ids and sums only. `UPDATE_JOURNALS=1` keeps it.
#[test]
fn journals_are_still_written_as_they_were_kept() {
    for (name, bytes) in journals() {
        let path = folder().join(format!("{name}.jsonl"));
        if std::env::var_os("UPDATE_JOURNALS").is_some() {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(shape(&fs::read(&path).unwrap()), shape(&bytes), "{name}");
    }
}

/// The events in order, with the keys of each.
fn shape(journal: &[u8]) -> Vec<String> {
    let lines = journal.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let keys = |line: &[u8]| match serde_json::from_slice::<serde_json::Value>(line) {
        Ok(line) => {
            let event = line["record"]["event"].as_object().cloned().unwrap_or_default();
            format!("{} {:?}", event.get("event").unwrap_or_default(), event.keys().collect::<Vec<_>>())
        }
        Err(_) => "not a line".to_owned(),
    };
    lines.map(keys).collect()
}

fn journals() -> Vec<(&'static str, Vec<u8>)> {
    let bytes = |run: &Run| block_on(run.store.read(run.transaction.id())).unwrap().unwrap();
    let steps = || -> Vec<StepSpec> {
        vec![create("a"), update("old").after(["a"]), delete("gone"), create("b").after(["a", "old"])]
    };
    let of = |world: &World, steps: Vec<StepSpec>, options: &ExecuteOptions| block_on(run(world, steps, options));
    let world = || World::with(&["old", "gone"]);
    // One after the other, so that two runs write the same.
    let options = ExecuteOptions { concurrency: 1, ..options() };

    let committed = bytes(&of(&world(), steps(), &options));
    let failing = world();
    failing.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    let rolled_back = bytes(&of(&failing, steps(), &options));
    let stuck_world = world();
    stuck_world.inject("a", Phase::Undo, &[Some(Fault::Refused); 3]);
    stuck_world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    let stuck = bytes(&of(&stuck_world, steps(), &options));
    let keep = ExecuteOptions { on_failure: OnFailure::Keep, ..options.clone() };
    let kept_world = world();
    kept_world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    let mut kept_run = of(&kept_world, steps(), &keep);
    let kept = bytes(&kept_run);
    block_on(kept_run.transaction.abandon("an operator", "looked after by hand")).unwrap();
    let abandoned = bytes(&kept_run);
    let for_good = bytes(&of(&world(), vec![create("a"), delete_for_good("gone").after(["a"])], &options));

    let torn = [&committed[..], &committed[..50]].concat();
    let mut damaged = committed.clone();
    damaged[300] ^= 1;
    let newer = format!("{{\"v\":{},\"anything\":true}}\n", FORMAT_VERSION + 1).into_bytes();
    vec![
        ("committed", committed),
        ("rolled-back", rolled_back),
        ("stuck", stuck),
        ("kept", kept),
        ("abandoned", abandoned),
        ("irreversible", for_good),
        ("torn", torn),
        ("damaged", damaged),
        ("newer", newer),
    ]
}
