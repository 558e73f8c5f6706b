//! Lists, page by page.

use fabric_emulator::Emulator;
use serde_json::json;

use crate::bench::{Bench, notebook};

#[tokio::test]
async fn every_list_is_paged_and_its_last_page_says_nothing() {
    let bench = Bench::with(Emulator::builder().page_size(2)).await;
    for number in 0..5 {
        bench.make("/items", &notebook(&format!("n{number}"), "x")).await;
        bench.make("/folders", &json!({"displayName": format!("f{number}")})).await;
    }
    for (path, expected) in
        [("/items?type=Notebook", 5_usize), ("/notebooks", 5), ("/folders?recursive=True", 5), ("/roleAssignments", 1)]
    {
        let mut next = bench.at(path);
        let (mut seen, mut pages) = (Vec::new(), 0);
        loop {
            let page = bench.get(&next).await.json();
            let value = page["value"].as_array().unwrap().clone();
            assert!(value.len() <= 2);
            seen.extend(value.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
            pages += 1;
            assert_eq!(page.get("continuationToken").is_some(), page.get("continuationUri").is_some());
            let Some(uri) = page["continuationUri"].as_str() else { break };
            next = uri.strip_prefix(&bench.emulator.endpoint()).unwrap().to_owned();
        }
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), pages), (expected, expected.div_ceil(2)), "{path}");
    }
    let broken = bench.get(&bench.at("/items?continuationToken=nonsense")).await;
    assert_eq!(broken.verdict(), "400 InvalidContinuationToken");
}

#[tokio::test]
async fn what_comes_and_goes_between_pages_hides_nothing_else() {
    let bench = Bench::with(Emulator::builder().page_size(1)).await;
    for number in 0..4 {
        bench.make("/items", &notebook(&format!("n{number}"), "x")).await;
    }
    let first = bench.get(&bench.at("/items")).await.json();
    let id = first["value"][0]["id"].as_str().unwrap();
    bench.delete(&bench.at(&format!("/items/{id}"))).await;
    let (mut rest, mut next) = (0, first["continuationToken"].as_str().map(str::to_owned));
    while let Some(token) = next {
        let page = bench.get(&bench.at(&format!("/items?continuationToken={token}"))).await.json();
        rest += page["value"].as_array().unwrap().len();
        next = page["continuationToken"].as_str().map(str::to_owned);
    }
    assert_eq!(rest, 3);
}
