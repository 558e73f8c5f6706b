//! Disks that are full or read-only, as Linux makes them: in a mount namespace of the process's own.

#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::OnceLock;

use super::ended::{Then, ends};
use super::is_full;
use super::scene::{Known, STATE, Scene, Snapshot, deploy};
use crate::binary::Run;

/// Whether processes may have file systems of their own here; says loudly where not.
fn may_mount() -> bool {
    static MAY: OnceLock<bool> = OnceLock::new();
    let may = *MAY.get_or_init(|| {
        let place = tempfile::tempdir().unwrap();
        let mut tried = Command::new("unshare");
        tried.args(["--map-root-user", "--mount", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs"]);
        tried.arg(place.path()).output().is_ok_and(|output| output.status.success())
    });
    if !may {
        eprintln!("SKIPPED: nobody may mount anything here, not even in a namespace of one's own");
    }
    may
}

/// The state is on a disk with so many pages that are free. What is there in the end is kept when the disk goes with the
/// process.
fn with_free_pages(pages: usize, scene: &Scene, arguments: &[&str]) -> Run {
    let script = format!(
        "mkdir -p {STATE}; cp -r {STATE} before\n\
         mount -t tmpfs tmpfs {STATE}; cp -r before/. {STATE}\n\
         used=$(df --output=used -B1 {STATE} | tail -n 1)\n\
         mount -o remount,size=$((used + {pages} * $(getconf PAGESIZE))) {STATE}\n\
         code=0; \"$@\" || code=$?\n\
         cp -r {STATE} kept; exit $code"
    );
    let run = scene.run_mounted(&script, arguments);
    let state = scene.path(STATE);
    fs::remove_dir_all(&state).unwrap();
    fs::rename(scene.path("kept"), state).unwrap();
    run
}

/// Processes with these arguments find the disk full early, later, and, with the last of `sizes`, never.
fn fills(snapshot: &Snapshot, arguments: &[&str], back: bool, sizes: &[usize]) {
    if !may_mount() {
        return;
    }
    let mut codes = Vec::new();
    for pages in sizes {
        let scene = Scene::of(snapshot);
        let run = with_free_pages(*pages, &scene, arguments);
        scene.forget_lease();
        let (code, said, document) = (run.code, run.stderr.clone(), run.document());
        match (code, document["status"].as_str().unwrap()) {
            (0, "committed" | "rolled_back") | (5, "rolled_back") => {}
            (1, "failed") => assert_eq!(scene.changes(), [""; 0], "{document}"),
            (130, "interrupted") => {
                let transaction = document["transaction_id"].as_str().unwrap();
                let remedy = document["error"]["remedy"].as_str().unwrap();
                for command in ["rollback", "resume"] {
                    assert!(remedy.contains(&format!("`fabric-cli {command} {transaction}`")), "{remedy}");
                }
            }
            _ => panic!("{pages} pages: {code}: {said}"),
        }
        if code != 0 {
            assert!(said.contains("No space left on device") && said.contains(STATE), "{pages} pages: {said}");
        }
        ends(&scene, if pages % 2 == 0 { Then::Resume } else { Then::Rollback }, back);
        codes.push(code);
    }
    for code in [0, 1, 130] {
        assert!(codes.contains(&code), "{codes:?}");
    }
}

/// All sizes up to the last, or in the short form these.
fn sizes(short: &[usize]) -> Vec<usize> {
    if is_full() { (1..=*short.last().unwrap()).collect() } else { short.to_vec() }
}

#[test]
fn a_full_disk_stops_a_deployment_that_the_next_process_ends() {
    fills(&Known::get().first, &deploy(true), false, &sizes(&[1, 12, 32]));
}

#[test]
fn a_full_disk_stops_a_roll_back_that_the_next_process_ends() {
    fills(&Known::get().second, &["rollback"], true, &sizes(&[1, 4, 32]));
}

/// Nothing can be recorded, so nothing is begun; what is on record is still told.
fn nothing_is_begun(scene: &Scene, run: impl Fn(&[&str]) -> Run, why: &str) {
    for arguments in [deploy(true).as_slice(), &["rollback"]] {
        let run = run(arguments);
        let document = run.exits(1).document();
        assert_eq!(document["status"], "failed");
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.contains(STATE) && message.contains(why), "{message}");
        assert_eq!(scene.changes(), [""; 0]);
    }
    let history = run(&["history"]).exits(0).document();
    assert_eq!(history["transactions"][0]["status"], "committed", "{history}");
    let known = Known::get();
    assert_eq!(scene.world(&known.kept).differences(&known.after), [""; 0]);
}

#[test]
fn a_read_only_disk_stops_everything_before_it_begins() {
    if !may_mount() {
        return;
    }
    let scene = Scene::of(&Known::get().second);
    let script = format!("mount --bind {STATE} {STATE}; mount -o remount,bind,ro {STATE}; exec \"$@\"");
    nothing_is_begun(&scene, |arguments| scene.run_mounted(&script, arguments), "Read-only file system");
    ends(&scene, Then::Rollback, true);
}

#[test]
fn a_folder_that_one_may_only_read_stops_everything_before_it_begins() {
    let scene = Scene::of(&Known::get().second);
    let state = scene.path(STATE);
    let set = |mode: u32| {
        let folders = ["journals", "scopes", ""].map(|folder| state.join(folder));
        let scopes = fs::read_dir(state.join("scopes")).unwrap().map(|scope| scope.unwrap().path());
        for folder in scopes.collect::<Vec<_>>().into_iter().chain(folders) {
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set(0o500);
    if fs::write(state.join("journals/anything"), "").is_ok() {
        eprintln!("SKIPPED: permissions do not bind this user");
        return set(0o700);
    }
    nothing_is_begun(&scene, |arguments| scene.run(arguments).0, "Permission denied");
    set(0o700);
    ends(&scene, Then::Rollback, true);
}
