//! What the suite found, operation by operation, and the page that tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::catalogue::Operation;

/// What is known of one published operation (all query variants of a method and path together).
#[derive(Debug, Default, Clone)]
pub(crate) struct Coverage {
    pub(crate) area: String,
    pub(crate) implemented: bool,
    /// Statuses whose bodies were validated against the published schemas.
    pub(crate) validated: BTreeSet<u16>,
    pub(crate) recordings: usize,
    /// Recordings reproduced, known differences aside.
    pub(crate) matched: usize,
    /// Reasons of known differences, and in how many recordings each was needed.
    pub(crate) known: BTreeMap<&'static str, usize>,
}

/// Coverage by path and method.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    rows: BTreeMap<(String, String), Coverage>,
}

impl Ledger {
    pub(crate) fn new(operations: &[Operation]) -> Self {
        let mut rows = BTreeMap::new();
        for operation in operations {
            rows.entry((operation.path.clone(), operation.method.clone()))
                .or_insert_with(|| Coverage { area: operation.area.clone(), ..Coverage::default() });
        }
        Self { rows }
    }

    pub(crate) fn row(&mut self, operation: &Operation) -> &mut Coverage {
        self.rows.entry((operation.path.clone(), operation.method.clone())).or_default()
    }

    /// The page, in Markdown.
    pub(crate) fn page(&self) -> String {
        let mut page = PREFACE.to_owned();
        self.summary(&mut page);
        self.table(&mut page);
        self.differences(&mut page);
        self.rest(&mut page);
        page
    }

    fn areas(&self) -> BTreeMap<&str, Vec<&Coverage>> {
        let mut areas: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
        for row in self.rows.values() {
            areas.entry(&row.area).or_default().push(row);
        }
        areas
    }

    fn summary(&self, page: &mut String) {
        let rows: Vec<&Coverage> = self.rows.values().collect();
        let implemented: Vec<&Coverage> = rows.iter().copied().filter(|row| row.implemented).collect();
        let sum = |rows: &[&Coverage], of: fn(&Coverage) -> usize| rows.iter().map(|row| of(row)).sum::<usize>();
        let lines = [
            ("published operations (method and path)", rows.len()),
            ("implemented", implemented.len()),
            (
                "of these, with a successful answer validated",
                implemented.iter().filter(|row| row.validated.iter().any(|status| *status < 400)).count(),
            ),
            (
                "of these, with an error validated",
                implemented.iter().filter(|row| row.validated.iter().any(|status| *status >= 400)).count(),
            ),
            ("recorded exchanges", sum(&rows, |row| row.recordings)),
            ("of implemented operations", sum(&implemented, |row| row.recordings)),
            ("reproduced", sum(&implemented, |row| row.matched)),
        ];
        page.push_str("| | count |\n|---|---:|\n");
        for (what, count) in lines {
            let _ = writeln!(page, "| {what} | {count} |");
        }
    }

    fn table(&self, page: &mut String) {
        let numbers = self.reasons();
        page.push_str(
            "\n## Implemented operations\n\n\
             *validated*: statuses of answers that were checked against the published schema. \
             *recordings*: real exchanges reproduced / existing. \
             *differences*: numbers of the section below.\n\n\
             | operation | validated | recordings | differences |\n|---|---|---:|---|\n",
        );
        for ((path, method), row) in self.rows.iter().filter(|(_, row)| row.implemented) {
            let statuses: Vec<String> = row.validated.iter().map(u16::to_string).collect();
            let recordings = match row.recordings {
                0 => "none".to_owned(),
                all => format!("{} / {all}", row.matched),
            };
            let known: Vec<String> = row.known.keys().map(|reason| numbers[reason].0.to_string()).collect();
            let _ =
                writeln!(page, "| `{method} {path}` | {} | {recordings} | {} |", statuses.join(" "), known.join(", "));
        }
    }

    /// Each reason with its number and the recordings that it explains.
    fn reasons(&self) -> BTreeMap<&'static str, (usize, usize)> {
        let mut reasons: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
        for row in self.rows.values() {
            for (reason, count) in &row.known {
                reasons.entry(reason).or_default().1 += count;
            }
        }
        for (number, entry) in reasons.values_mut().enumerate() {
            entry.0 = number + 1;
        }
        reasons
    }

    fn differences(&self, page: &mut String) {
        page.push_str("\n## Known differences\n\nFrom recordings (how many), or from the documents (0).\n\n| | difference | recordings |\n|---:|---|---:|\n");
        for (reason, (number, count)) in self.reasons() {
            let _ = writeln!(page, "| {number} | {reason} | {count} |");
        }
    }

    fn rest(&self, page: &mut String) {
        page.push_str(
            "\n## Not implemented\n\n\
             These answer 404 `EndpointNotFound`. Areas are the folders of the published documents.\n\n\
             | area | not implemented | of | recordings left out |\n|---|---:|---:|---:|\n",
        );
        for (area, rows) in self.areas() {
            let missing: Vec<&&Coverage> = rows.iter().filter(|row| !row.implemented).collect();
            if missing.is_empty() {
                continue;
            }
            let recordings: usize = missing.iter().map(|row| row.recordings).sum();
            let _ = writeln!(page, "| {area} | {} | {} | {recordings} |", missing.len(), rows.len());
        }
    }
}

const PREFACE: &str = "\
# What the emulator covers

Generated by `UPDATE_DOCS=1 cargo test -p fabric-emulator --test conformance`; without the variable the test fails
where this page is out of date.

The emulator is held against two public sources: JSON Schemas made from Microsoft's published OpenAPI documents of
August 2026, and real exchanges distilled from the recordings in Microsoft's fabric-cli (September 2025 to July 2026).
For every recording of an implemented operation the suite builds the world that the request presupposes, sends the
request, and compares the status, the headers that carry the protocol (content type, what `Location` leads to, presence
of `Retry-After`, `x-ms-operation-id` and `RequestId`, `x-ms-public-api-error-code`, `ETag`), the error code, the body's
members and JSON types (`null` counts as absent), and every value that the client sent or that was there before.
Every answer on the way, errors included, is validated against the published schema.

No recording exists of Git, deployment pipelines, bulk import, page breaks, 401, 403 and 5xx, failed operations and
duplicate names. There the emulator follows the published schemas and documents alone.

";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn the_page_tells_what_is_and_what_is_not_there() {
        let catalogue = Catalogue::new(&json!([
            {"method": "GET", "path": "/v1/a", "file": "platform/swagger.json", "responses": {}},
            {"method": "GET", "path": "/v1/b", "file": "admin/swagger.json", "responses": {}},
        ]));
        let mut ledger = Ledger::new(catalogue.operations());
        let row = ledger.row(&catalogue.operations()[0]);
        row.implemented = true;
        row.validated.extend([200, 404]);
        row.recordings = 2;
        row.matched = 2;
        row.known.insert("an era", 1);
        let page = ledger.page();
        assert!(page.contains("| `GET /v1/a` | 200 404 | 2 / 2 | 1 |"), "{page}");
        assert!(page.contains("| 1 | an era | 1 |"), "{page}");
        assert!(page.contains("| admin | 1 | 1 | 0 |"), "{page}");
        assert!(!page.contains("`GET /v1/b`"), "{page}");
    }
}
