//! A deployment as a page, and the page in a browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fabric_emulator::Fault;
use serde_json::json;

use crate::binary::Stage;
use crate::rollback::{deploy, second_version};

/// A deployment that was rolled back, and its page.
fn rolled_back() -> (Stage, PathBuf) {
    let stage = second_version();
    let faults: Vec<Fault> = serde_json::from_value(json!([
        { "match": { "operation": "DeleteItem", "nth": 1 }, "kind": { "status": { "code": 400 } } }
    ]))
    .unwrap();
    stage.emulator.set_faults(faults);
    let document = stage.json(5, &deploy(&["--prune"]));
    let transaction = document["transaction_id"].as_str().unwrap().to_owned();
    let said = stage.run(&["report", &transaction, "--html", "page.html"]).exits(0);
    assert!(said.stdout.contains("page.html"), "{}", said.stdout);
    let page = PathBuf::from(stage.path("page.html"));
    let text = fs::read_to_string(&page).unwrap();
    assert!(text.contains(&transaction));
    (stage, page)
}

#[test]
fn a_page_needs_nothing_else_and_tells_what_was_undone() {
    let (stage, page) = rolled_back();
    let text = fs::read_to_string(page).unwrap();
    for foreign in ["http://", "https://", "<script", "url(", "@import", "<img", "<link"] {
        assert!(!text.contains(foreign), "{foreign}");
    }
    for said in ["rolled back", "What changed", "What was undone", "Timeline", "Dependencies", "not applied", "undone"]
    {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!text.contains("print("), "a definition is in the page");
    assert!(text.matches("<svg role=\"img\"").count() == 2 && text.contains("prefers-color-scheme: dark"));

    let unknown = stage.run(&["report", "019a3c1e-7d52-7a0e-8f3b-2f6c1d9e4b10", "--html", "none.html"]).exits(7);
    assert!(unknown.stderr.contains("history"), "{}", unknown.stderr);
    assert!(!Path::new(&stage.path("none.html")).exists());
}

#[test]
fn a_page_tells_what_was_throttled_and_how_long_that_took() {
    let stage = second_version();
    let faults: Vec<Fault> = serde_json::from_value(json!([
        { "match": { "operation": "UpdateItemDefinition", "nth": 1 }, "kind": { "throttled": { "seconds": 1 } } }
    ]))
    .unwrap();
    stage.emulator.set_faults(faults);
    let document = stage.json(0, &deploy(&["--flag", "FEATURE_USE_RETRY_LOGIC=on"]));
    let throttled = document["steps"].as_array().unwrap().iter().filter(|step| step["throttled"] == 1).count();
    assert_eq!(throttled, 1, "{document}");
    let transaction = document["transaction_id"].as_str().unwrap();
    stage.run(&["report", transaction, "--html", "page.html"]).exits(0);
    let page = fs::read_to_string(stage.path("page.html")).unwrap();
    let rows =
        page.split("What was undone").next().unwrap().split("<tr>").filter(|row| row.contains(" s</td><td>1</td>"));
    assert_eq!(rows.count(), 1, "{page}");
}

/// Where Chromium is, if it is installed.
fn chromium() -> Option<&'static str> {
    let installed = |name: &&str| Command::new(name).arg("--version").output().is_ok_and(|run| run.status.success());
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(installed)
}

fn browse(browser: &str, profile: &Path, scheme: u8, more: &[&str], page: &Path) -> Vec<u8> {
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .args(more)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[test]
fn a_browser_shows_it_light_and_dark() {
    let Some(browser) = chromium() else {
        eprintln!("SKIPPED: a_browser_shows_it_light_and_dark needs Chromium, which is not installed");
        return;
    };
    let (stage, page) = rolled_back();
    let profile = PathBuf::from(stage.path("profile"));
    let mut pictures = Vec::new();
    // 0 is dark and 1 is light, as Blink counts.
    for scheme in [0, 1] {
        let dom = String::from_utf8(browse(browser, &profile, scheme, &["--dump-dom"], &page)).unwrap();
        assert!(dom.contains("What was undone") && dom.contains("class=\"bar back\""), "{dom}");
        let picture = PathBuf::from(stage.path(&format!("scheme-{scheme}.png")));
        let to = format!("--screenshot={}", picture.display());
        browse(browser, &profile, scheme, &["--window-size=1280,2000", &to], &page);
        pictures.push(fs::read(picture).unwrap());
    }
    assert!(pictures.iter().all(|picture| picture.starts_with(b"\x89PNG")));
    assert_ne!(pictures[0], pictures[1], "light and dark look the same");
}
