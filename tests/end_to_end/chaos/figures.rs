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

/// The table of what the long form has tested; `None`: it has not run.
fn table() -> Option<String> {
    let row = |(name, what): &(&str, &str)| {
        let kept: Value = serde_json::from_slice(&fs::read(record(name)).ok()?).unwrap();
        let (requests, died) = (&kept["requests"], &kept["died"]);
        Some(format!("| {what} | {requests} | {died} | {died} | 0 |\n"))
    };
    let rows: String = KILLED.iter().filter_map(row).collect();
    let head =
        "| killed with `SIGKILL` | requests | deaths | ended before or after | orphans |\n|---|---:|---:|---:|---:|\n";
    (!rows.is_empty()).then(|| format!("{head}{rows}"))
}

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
    let rows: Vec<_> = shown.lines().skip(2).collect();
    assert!(rows.len() > 1 && rows.len() <= KILLED.len(), "{shown}");
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [what, requests, died, ended, orphans] = cells[..] else { panic!("{row}") };
        let count = |cell: &str| cell.parse::<usize>().expect(row);
        assert!(KILLED.iter().any(|(_, known)| *known == what), "{row}");
        assert!(count(died) > count(requests) && died == ended && orphans == "0", "{row}");
    }
}
