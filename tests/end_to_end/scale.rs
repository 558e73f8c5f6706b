//! A folder of hundreds of items.

use std::fs;

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::sources;

#[test]
fn five_hundred_items_deploy_and_ten_edits_are_ten_updates() {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    for number in 0..250 {
        let folder = root.join(format!("Area {}", number % 7));
        sources::notebook(&folder, &format!("Notebook {number}"), number, &format!("print({number})"));
        sources::pipeline(&folder, &format!("Pipeline {number}"), 1000 + number, number);
    }
    let deploy =
        ["deploy", "--source", "source", "--workspace", "Large", "--environment", "dev", "--capacity", ACTIVE_CAPACITY];
    let first = stage.json(0, &deploy);
    assert_eq!((&first["status"], &first["summary"]["create"]), (&"committed".into(), &500.into()), "{first}");
    for number in 0..10 {
        let file =
            root.join(format!("Area {}", number % 7)).join(format!("Notebook {number}.Notebook/notebook-content.py"));
        fs::write(&file, "# Fabric notebook source\n\nprint('edited')\n").unwrap();
    }
    let before = stage.mutations().len();
    let second = stage.json(0, &deploy);
    assert_eq!(second["summary"]["update"], 10, "{second}");
    assert_eq!(second["summary"]["unchanged"], 490);
    let sent = stage.mutations().split_off(before);
    assert_eq!(sent, vec!["POST UpdateItemDefinition"; 10]);
}
