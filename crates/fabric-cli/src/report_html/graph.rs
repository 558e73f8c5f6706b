//! What had to wait for what: the steps in columns, each to the right of all that it needs.

use std::collections::HashMap;
use std::fmt::Write;

use fabric_txn::{State, StepState};

use super::class_of_step;
use super::markup::{text, word};

/// The measures of the drawing, in its own units.
const BOX: u64 = 240;
const GAP: u64 = 70;
const ROW: u64 = 34;
const HEIGHT: u64 = 24;

pub(super) fn section(page: &mut String, state: &State) {
    let steps = &state.steps;
    let places = places(steps);
    let columns = places.iter().map(|(column, _)| column + 1).max().unwrap_or_default();
    let rows = places.iter().map(|(_, row)| row + 1).max().unwrap_or_default();
    let (width, height) = (columns * (BOX + GAP) - GAP.min(columns * GAP), rows * ROW);
    let corner = |(column, row): (u64, u64)| (column * (BOX + GAP), row * ROW + (ROW - HEIGHT) / 2);
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<section aria-labelledby=\"graph\">\n<h2 id=\"graph\">Dependencies</h2>\n<p>Each step stands to the right of everything that it needed.</p>\n\
         <div class=\"wide\" tabindex=\"0\"><svg role=\"img\" aria-labelledby=\"graph-title\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <title id=\"graph-title\">{} steps and what each of them needed</title>\n",
        steps.len(),
    );
    let index = index(steps);
    for (step, place) in steps.iter().zip(&places) {
        let (x, y) = corner(*place);
        for needed in step.spec.after.iter().filter_map(|name| index.get(name.as_str())) {
            let (from_x, from_y) = corner(places[*needed]);
            let (from_x, from_y, to_y) = (from_x + BOX, from_y + HEIGHT / 2, y + HEIGHT / 2);
            let middle = GAP / 2;
            let _ = writeln!(
                page,
                "<path class=\"edge\" d=\"M{from_x} {from_y} C{} {from_y} {} {to_y} {x} {to_y}\"/>",
                from_x + middle,
                x.saturating_sub(middle),
            );
        }
    }
    for (step, place) in steps.iter().zip(&places) {
        let (x, y) = corner(*place);
        let needs = if step.spec.after.is_empty() { "nothing".to_owned() } else { step.spec.after.join(", ") };
        let _ = writeln!(
            page,
            "<g><title>{}: {}; needs {}</title><rect class=\"node {}\" x=\"{x}\" y=\"{y}\" width=\"{BOX}\" height=\"{HEIGHT}\" rx=\"4\"/>\
             <text class=\"label\" x=\"{}\" y=\"{}\">{}</text></g>",
            text(&step.spec.name),
            text(&word(&step.status)),
            text(&needs),
            class_of_step(step.status),
            x + 8,
            y + 16,
            text(&shortened(&step.spec.name)),
        );
    }
    page.push_str("</svg></div>\n</section>\n");
}

fn index(steps: &[StepState]) -> HashMap<&str, usize> {
    steps.iter().enumerate().map(|(place, step)| (step.spec.name.as_str(), place)).collect()
}

/// The column and row of each step. Its column is one more than the last of those that it needs.
fn places(steps: &[StepState]) -> Vec<(u64, u64)> {
    let index = index(steps);
    let mut columns = vec![0_u64; steps.len()];
    // A journal's steps form a graph without cycles, but may stand in any order.
    for _ in 0..steps.len() {
        let mut settled = true;
        for (place, step) in steps.iter().enumerate() {
            let needed = step.spec.after.iter().filter_map(|name| index.get(name.as_str()));
            let column = needed.map(|needed| columns[*needed] + 1).max().unwrap_or_default();
            if columns[place] != column {
                columns[place] = column;
                settled = false;
            }
        }
        if settled {
            break;
        }
    }
    let mut rows: HashMap<u64, u64> = HashMap::new();
    let place = |column: u64| {
        let row = rows.entry(column).or_default();
        *row += 1;
        (column, *row - 1)
    };
    columns.into_iter().map(place).collect()
}

/// As much of a name as fits.
fn shortened(name: &str) -> String {
    const FITS: usize = 32;
    let length = name.chars().count();
    if length <= FITS {
        return name.to_owned();
    }
    let end: String = name.chars().skip(length - (FITS - 1)).collect();
    format!("…{end}")
}
