//! Folders, and items moved between them.

use serde_json::{Value, json};

use crate::bench::{Bench, notebook};

const NOWHERE: &str = "11111111-1111-4111-8111-111111111111";

#[tokio::test]
async fn folder_names_follow_the_rules() {
    let bench = Bench::new().await;
    bench.make("/folders", &json!({"displayName": "taken"})).await;
    let cases = [
        ("Taken", "409 FolderDisplayNameAlreadyInUse"),
        ("", "400 InvalidFolderDisplayName"),
        (" a", "400 InvalidFolderDisplayName"),
        ("a/b", "400 InvalidFolderDisplayName"),
        ("a.b", "400 InvalidFolderDisplayName"),
        ("a\u{7}b", "400 InvalidFolderDisplayName"),
        ("Recycled", "400 InvalidFolderDisplayName"),
        ("ünïcode ok", "201"),
    ];
    for (name, expected) in cases {
        let body = json!({"displayName": name});
        assert_eq!(bench.post(&bench.at("/folders"), &body).await.verdict(), expected, "{name:?}");
    }
    let orphan = json!({"displayName": "x", "parentFolderId": NOWHERE});
    assert_eq!(bench.post(&bench.at("/folders"), &orphan).await.verdict(), "404 FolderNotFound");
    let long = json!({"displayName": "x".repeat(256)});
    assert_eq!(bench.post(&bench.at("/folders"), &long).await.verdict(), "400 InvalidFolderDisplayName");
}

/// Ten folders, each in the one before.
async fn ten_levels(bench: &Bench) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for level in 0..10 {
        let body = json!({"displayName": format!("level {level}"), "parentFolderId": ids.last()});
        ids.push(bench.make("/folders", &body).await);
    }
    ids
}

#[tokio::test]
async fn folders_nest_ten_levels_deep() {
    let bench = Bench::new().await;
    let ids = ten_levels(&bench).await;
    let eleventh = json!({"displayName": "x", "parentFolderId": ids[9]});
    assert_eq!(bench.post(&bench.at("/folders"), &eleventh).await.verdict(), "400 FolderDepthOutOfRange");
    let parent = bench.make("/folders", &json!({"displayName": "parent"})).await;
    let move_below = bench.at(&format!("/folders/{}/move", ids[0]));
    let moved = bench.post(&move_below, &json!({"targetFolderId": parent})).await;
    assert_eq!(moved.verdict(), "400 FolderDepthOutOfRange");
}

#[tokio::test]
async fn a_folder_moves_anywhere_but_into_itself() {
    let bench = Bench::new().await;
    let ids = ten_levels(&bench).await;
    let to = |folder: &str| bench.at(&format!("/folders/{folder}/move"));
    for target in [&ids[0], &ids[5]] {
        let moved = bench.post(&to(&ids[0]), &json!({"targetFolderId": target})).await;
        assert_eq!(moved.verdict(), "400 InfiniteFolderHierarchyLoop");
    }
    let moved = bench.post(&to(&ids[9]), &json!({"targetFolderId": ids[0]})).await.json();
    assert_eq!(moved["parentFolderId"], json!(ids[0]));
    let moved = bench.post(&to(&ids[9]), &Value::Null).await.json();
    assert!(moved.get("parentFolderId").is_none());
    assert_eq!(bench.names(&bench.at("/folders?recursive=false")).await, ["level 0", "level 9"]);
    let below = bench.at(&format!("/folders?rootFolderId={}", ids[7]));
    assert_eq!(bench.names(&below).await, ["level 8"]);
    assert_eq!(bench.get(&bench.at(&format!("/folders?rootFolderId={NOWHERE}"))).await.verdict(), "404 FolderNotFound");
}

#[tokio::test]
async fn only_an_empty_folder_is_deleted() {
    let bench = Bench::new().await;
    let outer = bench.make("/folders", &json!({"displayName": "outer"})).await;
    let inner = bench.make("/folders", &json!({"displayName": "inner", "parentFolderId": outer})).await;
    let mut body = notebook("n", "x");
    body["folderId"] = json!(inner);
    let item = bench.make("/items", &body).await;
    let folder = |id: &str| bench.at(&format!("/folders/{id}"));
    let refused = bench.delete(&folder(&inner)).await;
    assert_eq!(refused.verdict(), "400 FolderNotEmpty");
    assert_eq!(refused.json()["relatedResource"], json!({"resourceId": inner, "resourceType": "Folder"}));
    assert_eq!(bench.delete(&folder(&outer)).await.verdict(), "400 FolderNotEmpty");
    bench.delete(&bench.at(&format!("/items/{item}"))).await;
    assert_eq!(bench.delete(&folder(&inner)).await.verdict(), "200");
    assert_eq!(bench.delete(&folder(&outer)).await.verdict(), "200");
    assert_eq!(bench.delete(&folder(&outer)).await.verdict(), "404 FolderNotFound");
}

#[tokio::test]
async fn items_move_with_their_children_only() {
    let bench = Bench::new().await;
    let folder = bench.make("/folders", &json!({"displayName": "f"})).await;
    let lakehouse = bench.make("/lakehouses", &json!({"displayName": "lake"})).await;
    let endpoints = bench.get(&bench.at("/sqlEndpoints")).await.json();
    let endpoint = endpoints["value"][0]["id"].as_str().unwrap().to_owned();
    let to_folder = json!({"targetFolderId": folder});

    let alone = bench.post(&bench.at(&format!("/items/{endpoint}/move")), &to_folder).await;
    assert_eq!(alone.verdict(), "400 CannotMoveChildOnly");
    let moved = bench.post(&bench.at(&format!("/items/{lakehouse}/move")), &to_folder).await.json();
    assert_eq!(moved["value"][0]["folderId"], json!(folder));
    let inside = bench.get(&bench.at(&format!("/items?rootFolderId={folder}"))).await.json();
    assert_eq!(inside["value"].as_array().unwrap().len(), 2);

    let many = |items: Vec<&str>| json!({"items": items});
    let all = bench.at("/items/bulkMove");
    assert_eq!(bench.post(&all, &many(vec![])).await.verdict(), "400 InvalidInput");
    assert_eq!(bench.post(&all, &many(vec![&lakehouse; 51])).await.verdict(), "400 InvalidInput");
    assert_eq!(bench.post(&all, &many(vec![&lakehouse, NOWHERE])).await.verdict(), "404 ItemNotFound");
    let back = bench.post(&all, &many(vec![&lakehouse, &endpoint])).await.json();
    assert!(back["value"].as_array().unwrap().iter().all(|item| item.get("folderId").is_none()));
}
