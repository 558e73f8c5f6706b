//! What the long form has tested, kept for the table in `docs/transactions.md`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::binary::repository;

/// Each kind of process that is killed, with what the table says of it.
const KILLED: [(&str, &str); 4] = [
    ("deployment", "a deployment"),
    ("roll-back", "the roll-back of a committed deployment"),
    ("recovery forwards", "`resume` of a killed deployment"),
    ("recovery backwards", "`rollback` of a killed deployment"),
];

const BEGIN: &str = "<!-- generated: kills -->\n";
const END: &str = "<!-- /generated: kills -->";

fn record(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("killed {name}.json"))
}

/// Remembers how many requests a process sends, and how many deaths all ended as they should.
pub(super) fn keep(name: &str, requests: usize, died: usize) {
    assert!(KILLED.iter().any(|(known, _)| *known == name), "{name}");
    fs::write(record(name), json!({ "requests": requests, "died": died }).to_string()).unwrap();
}

/// The table of what was tested since the records were last written; `None`: not all of it was.
fn table() -> Option<String> {
    let mut text = "| killed with `SIGKILL` | requests | deaths | ended before or after | orphans |\n\
                    |---|---:|---:|---:|---:|\n"
        .to_owned();
    for (name, what) in KILLED {
        let kept: Value = serde_json::from_slice(&fs::read(record(name)).ok()?).unwrap();
        let (requests, died) = (&kept["requests"], &kept["died"]);
        text.push_str(&format!("| {what} | {requests} | {died} | {died} | 0 |\n"));
    }
    Some(text)
}

/// How many requests there are may depend on the machine, so that only the long form changes the figures; they are there
/// in any case, and say that everything ended well.
#[test]
fn the_page_says_how_many_processes_were_killed() {
    let path = repository().join("docs/transactions.md");
    let found = fs::read_to_string(&path).unwrap();
    let (before, rest) = found.split_once(BEGIN).expect("the page marks where the figures begin");
    let (shown, after) = rest.split_once(END).expect("the page marks where the figures end");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let Some(table) = table() else { return };
        return fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    }
    for (_, what) in KILLED {
        let row = shown.lines().find(|line| line.starts_with(&format!("| {what} |"))).expect(what);
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, requests, died, ended, orphans] = cells[..] else { panic!("{row}") };
        let count = |cell: &str| cell.parse::<usize>().expect(row);
        assert!(count(died) > count(requests) && died == ended && orphans == "0", "{row}");
    }
}
