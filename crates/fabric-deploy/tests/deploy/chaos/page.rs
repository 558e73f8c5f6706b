//! The figures of `docs/transactions.md`: written where `UPDATE_DOCS` is set, compared otherwise.

use std::path::Path;

use super::data::Data;
use super::faults::kinds;
use super::fresh::Fresh;
use super::life::Point;
use super::scenario::Scenario;

const BEGIN: &str = "<!-- generated: figures -->\n";
const END: &str = "<!-- /generated -->";

fn figures() -> String {
    let scenario = Scenario::get();
    let at = |points: &[Point], wanted: Point| points.iter().filter(|point| **point == wanted).count();
    let changing = scenario.requests.iter().filter(|request| request.mutating).count();
    let kinds: Vec<_> = kinds().iter().map(|(name, _)| *name).collect();
    let (calls, undo_calls) = (scenario.requests.len(), scenario.undo_requests.len());
    let (points, undo_points) = (&scenario.points, &scenario.undo_points);
    let records = at(points, Point::BeforeTheRecord);
    let mut rows = vec![
        ("requests of the deployment", calls, None),
        ("of these, POST, PATCH, PUT or DELETE", changing, None),
        ("requests of its roll-back", undo_calls, None),
        ("faults of every call, forwards, creates sent once", calls * kinds.len(), Some(())),
        ("faults of every call, forwards, creates sent up to four times", calls * kinds.len(), Some(())),
        ("faults of every call of the roll-back", undo_calls * kinds.len(), Some(())),
    ];
    for (name, point) in [
        ("deaths before a request is sent", Point::BeforeSending),
        ("deaths after its effect, before its answer", Point::BeforeTheAnswer),
        ("deaths before something is recorded", Point::BeforeTheRecord),
        ("deaths after something is recorded", Point::AfterTheRecord),
    ] {
        rows.push((name, 2 * at(points, point), Some(())));
    }
    rows.push(("deaths of a roll-back, at all such points", undo_points.len(), Some(())));
    rows.push(("records written in part", 3 * records, Some(())));
    rows.push(("full disks", records, Some(())));
    let fresh = Fresh::get();
    let fresh_changes = fresh.requests.iter().filter(|request| request.mutating).count();
    rows.push(("deaths while the workspace is created with all it holds", 2 * fresh.points.len(), Some(())));
    rows.push(("faults of its calls that change something", fresh_changes * kinds.len(), Some(())));
    rows.push(("points at which data is being deleted", Data::get().points.len(), None));
    let changing_back = scenario.undo_requests.iter().filter(|request| request.mutating).count();
    rows.push(("operations that never end", 2 * (changing + changing_back), None));
    let mut text = format!(
        "Faults: {}.\n\n| what | count | ended before or after | orphans |\n|---|---:|---:|---:|\n",
        kinds.join("; ")
    );
    for (name, count, tested) in rows {
        let ends = tested.map_or_else(|| " | ".to_owned(), |()| format!("{count} | 0"));
        text.push_str(&format!("| {name} | {count} | {ends} |\n"));
    }
    text
}

#[test]
fn the_transactions_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/transactions.md");
    let found = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = found.split_once(BEGIN).expect("the page marks where the figures begin");
    let (_, after) = rest.split_once(END).expect("the page marks where the figures end");
    let expected = format!("{before}{BEGIN}{}{END}{after}", figures());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    } else {
        assert_eq!(found, expected, "docs/transactions.md is not up to date: run `cargo xtask codegen`");
    }
}
