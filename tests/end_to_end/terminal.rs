//! What a person and a log are told while a deployment runs, and how many requests it has under way.

use std::process::Command;
use std::time::Duration;

use fabric_emulator::{Emulator, Fault, FaultKind, FaultMatch, ThrottledFault};

use crate::binary::{self, ACTIVE_CAPACITY, Stage, fabric_cli};
use crate::sources;

const DEPLOY: [&str; 9] = [
    "deploy",
    "--source",
    "source",
    "--workspace",
    "W",
    "--capacity",
    ACTIVE_CAPACITY,
    "--flag",
    "FEATURE_USE_RETRY_LOGIC=on",
];

/// Notebooks to deploy, whose second create is throttled for two seconds.
fn throttled() -> Stage {
    let stage = Stage::new();
    for number in 1..=3 {
        sources::notebook(&stage.directory.path().join("source"), &format!("N{number}"), number, "print(1)");
    }
    let matching = FaultMatch { operation: Some("CreateItem".to_owned()), nth: Some(2), ..FaultMatch::default() };
    let kind = FaultKind::Throttled(ThrottledFault { seconds: 2, applied: false });
    stage.emulator.set_faults(vec![Fault { matching, kind }]);
    stage
}

/// `HH:MM:SS UTC`.
fn is_time(text: &str) -> bool {
    let (time, zone) = text.split_at(8.min(text.len()));
    let digits = time.split(':').map(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()));
    digits.eq([true, true, true]) && zone.starts_with(" UTC")
}

#[test]
fn a_log_is_told_of_each_step_and_once_of_a_wait_with_its_end() {
    let stage = throttled();
    for level in ["warn", "off"] {
        let run = stage.run(&[&["--log-level", level], &DEPLOY[..]].concat()).exits(0);
        let told: Vec<_> = run.stderr.lines().filter(|line| line.contains("throttled by the")).collect();
        if level == "off" {
            assert_eq!(told, [""; 0], "nothing was throttled, and nothing is said");
            continue;
        }
        let [line] = told[..] else { panic!("{}", run.stderr) };
        let (until, seconds) = line.strip_prefix("throttled by the service until ").unwrap().split_once(", ").unwrap();
        assert!(is_time(until) && seconds.ends_with(" s"), "{line}");
        assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
        for number in 1..=3 {
            assert!(run.stderr.contains(&format!("done + Notebook \"N{number}\"")), "{}", run.stderr);
        }
    }
}

#[test]
fn a_terminal_shows_how_far_it_is_and_counts_a_wait_down() {
    if !Command::new("script").arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: there is no `script` here, which gives a program a terminal");
        return;
    }
    let stage = throttled();
    let binary = binary::binary().to_str().unwrap();
    let line = [&[binary], &DEPLOY[..]].concat().join(" ");
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(stage.directory.path());
    command.env("FABRIC_ENDPOINT", stage.emulator.endpoint()).env("FABRIC_TOKEN", stage.emulator.token());
    command.env("TERM", "xterm").env("COLUMNS", "160").env_remove("NO_COLOR");
    command.env_remove("GITHUB_ACTIONS").env_remove("TF_BUILD");
    let run = binary::run(&mut command).exits(0);
    assert!(run.stdout.contains("/4 "), "the steps are counted: {}", run.stdout);
    assert!(run.stdout.contains("throttled by the service until "), "{}", run.stdout);
    assert!(run.stdout.contains(" s left "), "{}", run.stdout);
    assert!(!run.stdout.contains("\nthrottled by"), "it is on the bar and on no line of its own: {}", run.stdout);
}

#[test]
fn no_more_requests_are_under_way_than_asked_for() {
    for (limit, retries) in [("3", "on"), ("3", "off"), ("1", "off")] {
        let stage = Stage::of(Emulator::builder().latency(Duration::from_millis(100)));
        for number in 1..=12 {
            sources::notebook(&stage.directory.path().join("source"), &format!("N{number}"), number, "print(1)");
        }
        let flag = format!("FEATURE_USE_RETRY_LOGIC={retries}");
        let more = ["--flag", &flag, "--concurrency", limit];
        let deployed = binary::run(
            fabric_cli(stage.directory.path())
                .args(&DEPLOY[..7])
                .args(more)
                .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
                .env("FABRIC_TOKEN", stage.emulator.token()),
        );
        deployed.exits(0);
        let (most, limit) = (stage.emulator.most_at_once(), limit.parse::<usize>().unwrap());
        assert!((limit.min(2)..=limit).contains(&most), "{most} at once of {limit}, retries {retries}");
    }
}
