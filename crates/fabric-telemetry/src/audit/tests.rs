//! The trail, its chain, and what breaks it.

use std::fs;

use serde_json::json;

use super::*;

const AT: &str = "2026-01-01T00:00:00Z";

/// Two lines as the original system wrote them.
const OLD: &str = concat!(
    r#"{"timestamp":"2025-10-24T04:01:18.928804Z","event_type":"workspace_created","workspace_id":"w","workspace_name":"sales-dev","product_id":null,"environment":null,"capacity_id":"c","description":"","git_commit":"unknown","git_branch":"unknown","git_user":"unknown"}"#,
    "\n",
    r#"{"timestamp":"2025-10-24T04:01:19.928804Z","event_type":"validation_passed","item_name":"BRONZE_Sales_Lakehouse","item_type":"Lakehouse","git_commit":"unknown","git_branch":"unknown","git_user":"unknown"}"#,
    "\n",
);

struct Room {
    _folder: tempfile::TempDir,
    trail: AuditTrail,
}

impl Room {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trail = AuditTrail::new(folder.path().join("audit/audit_trail.jsonl"));
        Self { _folder: folder, trail }
    }

    fn with(records: u64) -> Self {
        let room = Self::new();
        (0..records).for_each(|number| room.append(number));
        room
    }

    fn append(&self, number: u64) {
        self.trail.append(AT, &[AuditEvent::new("item_created", json!({ "number": number }))]).unwrap();
    }

    fn text(&self) -> String {
        fs::read_to_string(self.trail.path()).unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "a test plays the intruder")]
    fn put(&self, text: &str) {
        fs::create_dir_all(self.trail.path().parent().unwrap()).unwrap();
        fs::write(self.trail.path(), text).unwrap();
    }

    fn change(&self, change: impl FnOnce(&mut Vec<String>)) {
        let mut lines: Vec<String> = self.text().lines().map(str::to_owned).collect();
        change(&mut lines);
        self.put(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    }

    fn head(&self) -> PathBuf {
        self.trail.path().with_extension("jsonl.head")
    }

    #[track_caller]
    fn breaks_at(&self, line: u64, reason: Break) {
        assert_eq!(self.trail.verify().unwrap().broken, Some(Broken { line, reason }), "{}", self.text());
    }

    #[track_caller]
    fn holds(&self) -> Verification {
        let found = self.trail.verify().unwrap();
        assert_eq!(found.broken, None, "{}", self.text());
        found
    }
}

#[test]
fn an_events_own_field_wins_over_the_context() {
    let trail = AuditTrail::new("unused").with_context(json!({ "git_branch": "local", "git_user": "somebody" }));
    let connected = AuditEvent::new("git_connected", json!({ "git_branch": "main" }));
    let line = trail.line(AT, &connected);
    assert_eq!((&line["git_branch"], &line["git_user"]), (&json!("main"), &json!("somebody")));
}

#[test]
fn writers_at_the_same_time_never_mix_lines_and_make_one_chain() {
    let room = Room::new();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            // Each has the file open for itself, as another process has.
            let trail = room.trail.clone();
            scope.spawn(move || {
                for number in 0..20 {
                    let text = "x".repeat(writer * 40 + number);
                    let event = AuditEvent::new("item_created", json!({ "writer": writer, "text": text }));
                    trail.append(AT, &[event.clone(), event]).unwrap();
                }
            });
        }
    });
    let found = room.holds();
    assert_eq!((found.lines, found.chained, found.end_known), (320, 320, true));
}

#[test]
fn a_trail_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let trail = AuditTrail::new(folder.path());
    let error = trail.append(AT, &[AuditEvent::new("item_created", json!({}))]).unwrap_err();
    assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
    let error = AuditTrail::new(folder.path().join("none")).verify().unwrap_err();
    assert!(error.to_string().contains("could not be read"), "{error}");
}

#[test]
fn a_record_says_its_place_last() {
    let room = Room::with(2);
    let text = room.text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with(r#"{"timestamp":"2026-01-01T00:00:00Z","event_type":"item_created","number":0,"#));
    let [first, second]: [Value; 2] = [0, 1].map(|line: usize| serde_json::from_str(lines[line]).unwrap());
    assert_eq!((&first["sequence"], &second["sequence"]), (&json!(1), &json!(2)));
    assert_eq!(second["previous_hash"], first["hash"]);
    // An event cannot pretend to be at another place.
    room.trail.append(AT, &[AuditEvent::new("item_created", json!({ "sequence": 9, "hash": "a" }))]).unwrap();
    assert_eq!(room.holds().last.unwrap().sequence, 3);
}

#[test]
fn lines_of_the_older_format_stay_and_are_sealed_by_what_follows() {
    let room = Room::new();
    room.put(OLD);
    let found = room.holds();
    assert_eq!((found.lines, found.chained, found.without_chain, found.last), (2, 0, 2, None));
    room.append(0);
    assert!(room.text().starts_with(OLD), "they are not touched");
    let found = room.holds();
    assert_eq!((found.lines, found.chained, found.without_chain), (3, 1, 2));
    room.change(|lines| lines[0] = lines[0].replace("sales-dev", "sales-prod"));
    room.breaks_at(3, Break::Unconnected(1));
}

#[test]
fn each_kind_of_damage_is_found_where_it_is() {
    let room = Room::with(4);
    room.change(|lines| lines[1] = lines[1].replace("\"number\":1", "\"number\":7"));
    room.breaks_at(2, Break::Changed(2));

    let room = Room::with(4);
    room.change(|lines| drop(lines.remove(1)));
    room.breaks_at(2, Break::Missing { expected: 2, found: 3 });

    let room = Room::with(4);
    room.change(|lines| lines.insert(2, lines[0].clone()));
    room.breaks_at(3, Break::Misplaced { expected: 3, found: 1 });

    let room = Room::with(4);
    room.change(|lines| lines.insert(2, r#"{"event_type":"item_deleted"}"#.to_owned()));
    room.breaks_at(4, Break::Unconnected(3));

    let room = Room::with(4);
    room.change(|lines| lines.truncate(2));
    room.breaks_at(3, Break::Cut { last: 2, written: 4 });

    let room = Room::with(4);
    let text = room.text();
    room.put(&text[..text.len() - 10]);
    room.breaks_at(4, Break::Torn);

    // Somebody who writes the last record anew, with a hash that fits.
    let room = Room::with(4);
    let other = Room::with(3);
    other.append(9);
    room.put(&other.text());
    room.breaks_at(4, Break::Replaced(4));
}

#[test]
fn a_cut_tail_stays_found_after_others_have_written() {
    let room = Room::with(4);
    room.change(|lines| lines.truncate(2));
    room.append(4);
    room.append(5);
    room.breaks_at(3, Break::Missing { expected: 3, found: 5 });
}

#[test]
fn without_the_file_beside_it_the_end_is_not_known() {
    let room = Room::with(4);
    fs::remove_file(room.head()).unwrap();
    room.change(|lines| lines.truncate(2));
    assert!(!room.holds().end_known);
    room.append(4);
    let found = room.holds();
    assert_eq!((found.chained, found.end_known), (3, true));
}

#[test]
fn a_writer_that_was_stopped_halfway_is_no_break_once_somebody_went_on() {
    // Stopped in the middle of a line.
    let room = Room::with(2);
    let half = format!("{}{{\"timestamp\":\"2026", room.text());
    room.put(&half);
    room.append(2);
    assert!(room.text().starts_with(&half));
    let found = room.holds();
    assert_eq!((found.chained, found.unreadable), (3, 1));
    // Stopped after the record and before the file beside it.
    let head = fs::read(room.head()).unwrap();
    room.append(3);
    #[expect(clippy::disallowed_methods, reason = "a test plays the crash")]
    fs::write(room.head(), head).unwrap();
    assert_eq!(room.holds().chained, 4);
    room.append(4);
    assert_eq!(room.holds().chained, 5);
}
