//! What planning costs the client: reading, substituting, comparing. The server answers at once.

use std::fmt::Write as _;

use anyhow::Context;

use super::case::Case;
use super::options::LOCAL;
use super::server::Server;
use super::timed::Timed;
use super::{Room, fabric_cli, source};

/// The second is twice the first, so that the table shows how the cost grows.
const SIZES: [u32; 2] = [2_000, 4_000];

/// What one plan cost.
struct Row {
    items: u32,
    /// What the workspace held.
    onto: &'static str,
    timed: Timed,
}

/// Plans onto an empty workspace, and onto one that holds what the folder holds; answers the table.
///
/// # Errors
/// A plan or the deployment before it fails.
pub(super) fn measure(room: &Room<'_>) -> anyhow::Result<String> {
    let mut rows = Vec::new();
    for items in SIZES {
        let case = Case::Notebooks(items);
        let folder = room.folder.join("sources").join(case.name());
        source::write(&case, 0, &folder).with_context(|| format!("cannot write {}", folder.display()))?;
        let server = Server::start(room.binary, LOCAL, &room.folder)?;
        let plan = |onto| {
            eprintln!("plan of {} onto {onto}…", case.name());
            let timed = fabric_cli::plan(room.binary, &folder, &server, &room.folder)?;
            anyhow::Ok(Row { items, onto, timed })
        };
        rows.push(plan("nothing")?);
        fabric_cli::deploy(room.binary, &folder, &server, &room.folder)?;
        rows.push(plan("the same")?);
    }
    Ok(table(&rows))
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| notebooks of 50 KB | onto | wall s | processor s | against half as many |\n|---|---|---|---|---|\n",
    );
    for row in rows {
        let half = rows.iter().find(|other| other.items * 2 == row.items && other.onto == row.onto);
        let growth =
            half.map_or_else(|| "–".to_owned(), |half| format!("{:.2}", row.timed.processor / half.timed.processor));
        let Row { items, onto, timed } = row;
        let _ = writeln!(text, "| {items} | {onto} | {:.2} | {:.2} | {growth} |", timed.wall, timed.processor);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_between_equals() {
        let row = |items, onto, processor| Row { items, onto, timed: Timed { wall: 1.0, processor } };
        let text = table(&[row(2_000, "nothing", 0.5), row(2_000, "the same", 4.0), row(4_000, "nothing", 1.05)]);
        assert!(text.ends_with("| 4000 | nothing | 1.00 | 1.05 | 2.10 |\n"), "{text}");
        assert!(text.contains("| 2000 | the same | 1.00 | 4.00 | – |"), "{text}");
    }
}
