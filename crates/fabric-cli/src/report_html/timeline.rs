//! When what was done: tries, waits between them, look-ups, undos, one row per step.

use std::collections::HashMap;
use std::fmt::Write;

use fabric_txn::{Event, Outcome, Record, State};

use super::markup::{duration, text};

/// The measures of the drawing, in its own units.
const LABELS: u64 = 300;
const WIDTH: u64 = 700;
const ROW: u64 = 22;
const TOP: u64 = 24;

/// What a bar stands for: its class in the style sheet, and the word for it.
type Kind = (&'static str, &'static str);

const APPLIED: Kind = ("good", "applied");
const FAILED: Kind = ("bad", "failed");
const UNKNOWN: Kind = ("open", "outcome not known");
const WAIT: Kind = ("wait", "waited");
const UNDONE: Kind = ("back", "undone");
const UNDO_FAILED: Kind = ("bad", "undo failed");
const PROBE: Kind = ("probe", "looked up");

struct Bar {
    kind: Kind,
    from: u64,
    to: u64,
}

/// What a step is in the middle of.
struct Open {
    since: u64,
    undoing: bool,
}

#[derive(Default)]
struct Row {
    bars: Vec<Bar>,
    open: Option<Open>,
    /// When its last try ended: until the next one, it waits.
    idle_since: Option<u64>,
}

impl Row {
    fn begin(&mut self, at: u64, undoing: bool) {
        if let Some(since) = self.idle_since.take().filter(|since| !undoing && at > *since) {
            self.bars.push(Bar { kind: WAIT, from: since, to: at });
        }
        self.open = Some(Open { since: at, undoing });
    }

    fn end(&mut self, at: u64, kind: Kind) {
        let from = self.open.take().map_or(at, |open| open.since);
        self.bars.push(Bar { kind, from, to: at });
        self.idle_since = Some(at);
    }
}

pub(super) fn section(page: &mut String, state: &State, records: &[Record]) {
    let rows = rows(state, records);
    let whole = state.changed_at_ms.saturating_sub(state.begun_at_ms).max(1);
    let place = |at: u64| LABELS + at.saturating_sub(state.begun_at_ms).min(whole) * WIDTH / whole;
    let height = TOP + ROW * rows.len() as u64 + 6;
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Timeline</h2>\n\
         <p class=\"legend\"><span class=\"key good\">applied</span> <span class=\"key bad\">failed</span> \
         <span class=\"key open\">outcome not known</span> <span class=\"key wait\">waited</span> \
         <span class=\"key back\">undone</span> <span class=\"key probe\">looked up</span></p>\n\
         <div class=\"wide\" tabindex=\"0\"><svg role=\"img\" aria-labelledby=\"timeline-title\" viewBox=\"0 0 {} {height}\" width=\"{}\" height=\"{height}\">\n\
         <title id=\"timeline-title\">What each step did and when, over {}</title>\n",
        LABELS + WIDTH + 60,
        LABELS + WIDTH + 60,
        duration(whole),
    );
    for quarter in 0..=4 {
        let x = LABELS + WIDTH * quarter / 4;
        let _ = writeln!(
            page,
            "<line class=\"grid\" x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{height}\"/><text class=\"tick\" x=\"{x}\" y=\"14\">{}</text>",
            TOP - 4,
            duration(whole * quarter / 4),
        );
    }
    for (number, (name, row)) in rows.iter().enumerate() {
        let y = TOP + ROW * number as u64;
        let _ = writeln!(page, "<text class=\"label\" x=\"0\" y=\"{}\">{}</text>", y + 14, text(&shortened(name)));
        for Bar { kind: (class, said), from, to } in &row.bars {
            let (left, right) = (place(*from), place(*to));
            let _ = writeln!(
                page,
                "<rect class=\"bar {class}\" x=\"{left}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{}: {said}, {} after {}</title></rect>",
                y + 3,
                (right - left).max(3),
                ROW - 6,
                text(name),
                duration(to - from),
                duration(from.saturating_sub(state.begun_at_ms)),
            );
        }
    }
    page.push_str("</svg></div>\n<details><summary>The timeline as a table</summary>\n<table>\n<thead><tr><th scope=\"col\">Step</th><th scope=\"col\">What</th><th scope=\"col\">After</th><th scope=\"col\">For</th></tr></thead>\n<tbody>\n");
    for (name, row) in &rows {
        for Bar { kind: (_, said), from, to } in &row.bars {
            let _ = writeln!(
                page,
                "<tr><th scope=\"row\">{}</th><td>{said}</td><td>{}</td><td>{}</td></tr>",
                text(name),
                duration(from.saturating_sub(state.begun_at_ms)),
                duration(to - from),
            );
        }
    }
    page.push_str("</tbody>\n</table></details>\n</section>\n");
}

fn rows<'a>(state: &'a State, records: &[Record]) -> Vec<(&'a str, Row)> {
    let mut rows: Vec<(&str, Row)> = state.steps.iter().map(|step| (step.spec.name.as_str(), Row::default())).collect();
    let places: HashMap<&str, usize> =
        state.steps.iter().enumerate().map(|(place, step)| (step.spec.name.as_str(), place)).collect();
    for Record { at_ms: at, event, .. } in records {
        let Some((_, row)) = step_of(event).and_then(|step| rows.get_mut(*places.get(step)?)) else { continue };
        match event {
            Event::Intent { .. } => row.begin(*at, false),
            Event::UndoIntent { .. } => row.begin(*at, true),
            Event::Outcome { outcome, .. } => row.end(
                *at,
                match outcome {
                    Outcome::Applied(_) => APPLIED,
                    Outcome::NotApplied(_) => FAILED,
                    Outcome::Unknown(_) => UNKNOWN,
                },
            ),
            Event::Undone { .. } => row.end(*at, UNDONE),
            Event::UndoFailed { .. } => row.end(*at, UNDO_FAILED),
            Event::Probed { .. } => row.bars.push(Bar { kind: PROBE, from: *at, to: *at }),
            _ => {}
        }
    }
    for (_, row) in &mut rows {
        if let Some(Open { undoing, .. }) = row.open {
            row.end(state.changed_at_ms, if undoing { UNDO_FAILED } else { UNKNOWN });
        }
    }
    rows
}

fn step_of(event: &Event) -> Option<&str> {
    match event {
        Event::Intent { step, .. }
        | Event::Outcome { step, .. }
        | Event::Probed { step, .. }
        | Event::UndoIntent { step, .. }
        | Event::Undone { step, .. }
        | Event::UndoFailed { step, .. } => Some(step),
        _ => None,
    }
}

/// As much of a name as fits.
fn shortened(name: &str) -> String {
    const FITS: usize = 42;
    let length = name.chars().count();
    if length <= FITS {
        return name.to_owned();
    }
    let end: String = name.chars().skip(length - (FITS - 1)).collect();
    format!("…{end}")
}
