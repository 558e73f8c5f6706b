//! Bad input: everything that is wrong, at once, with its place, before anything is sent.

use std::fs;

use crate::binary::Stage;
use crate::example::copy_example;
use crate::sources;

#[test]
fn every_finding_of_a_folder_is_reported_at_once_and_nothing_is_sent() {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "One", 1, "print(1)");
    sources::notebook(&root, "Two", 1, "print(2)");
    sources::notebook(&root, "Three", 3, "print(3)");
    fs::write(root.join("Three.Notebook/.platform"), "{\n  \"metadata\": {\n    \"type\": Notebook\n}").unwrap();
    sources::pipeline(&root, "Four", 4, 1);
    fs::write(root.join("Four.DataPipeline/pipeline-content.json"), "{\n\n\"a\": }").unwrap();
    let arguments = ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev"];
    let document = stage.json(7, &arguments);
    assert_eq!(document["status"], "refused");
    let findings: Vec<(String, u64)> = document["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let file = finding["place"]["file"].as_str().unwrap_or_default();
            (file.rsplit('/').take(2).collect::<Vec<_>>().join(" in "), finding["place"]["line"].as_u64().unwrap_or(0))
        })
        .collect();
    for expected in
        [(".platform in Three.Notebook".to_owned(), 3), ("pipeline-content.json in Four.DataPipeline".to_owned(), 3)]
    {
        assert!(findings.contains(&expected), "{expected:?} is not among {findings:?}");
    }
    assert!(findings.iter().any(|(file, _)| file == ".platform in Two.Notebook"), "{findings:?}");
    assert_eq!(stage.emulator.requests().len(), 0, "nothing is sent");

    let text = stage.run(&arguments).exits(7);
    assert!(text.stderr.contains("nothing was sent"), "{}", text.stderr);
    assert!(text.stderr.contains("Three.Notebook/.platform:3"), "{}", text.stderr);
    assert_eq!(text.stdout, "");
}

#[test]
fn a_name_that_breaks_the_standards_stops_the_deployment() {
    let stage = Stage::new();
    let product = stage.directory.path().join("product");
    copy_example(&product);
    let platform = product.join("workspace/Store/BRONZE_Sales_Lakehouse.Lakehouse/.platform");
    let text = fs::read_to_string(&platform).unwrap();
    fs::write(&platform, text.replace("BRONZE_Sales_Lakehouse", "COPPER_Sales_Lakehouse")).unwrap();
    let refused = stage.run(&["deploy", "--config", "product/product_config.yaml", "--environment", "dev"]).exits(7);
    assert!(refused.stderr.contains("COPPER_Sales_Lakehouse"), "{}", refused.stderr);
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[test]
fn a_reference_to_an_item_that_is_nowhere_is_found_before_anything_changes() {
    let stage = Stage::new();
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "One", 1, "lakehouse = \"REPLACE-ME\"");
    fs::write(
        root.join("parameter.yml"),
        "find_replace:\n  - find_value: REPLACE-ME\n    replace_value:\n      dev: $items.Lakehouse.Nowhere.$id\n",
    )
    .unwrap();
    let refused = stage.run(&["deploy", "--source", "source", "--workspace", "W", "--environment", "dev"]).exits(7);
    assert!(refused.stderr.contains("Nowhere"), "{}", refused.stderr);
    assert_eq!(stage.mutations(), [] as [String; 0]);
}

#[test]
fn an_unknown_key_of_the_configuration_is_named_with_its_line() {
    let stage = Stage::new();
    let product = stage.directory.path().join("product");
    copy_example(&product);
    let config = product.join("product_config.yaml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("naming:\n", "namming:\n")).unwrap();
    let line = fs::read_to_string(&config).unwrap().lines().position(|line| line == "namming:").unwrap() + 1;
    let refused = stage.run(&["validate", "--config", "product/product_config.yaml", "--environment", "dev"]).exits(7);
    assert!(refused.stderr.contains(&format!("product_config.yaml:{line}")), "{}", refused.stderr);
    assert!(refused.stderr.contains("namming") && refused.stderr.contains("naming"), "{}", refused.stderr);
}

/// Nothing of this is sent anywhere: `validate` has no network.
#[test]
fn what_is_wrong_with_parameters_and_configurations_is_told_with_its_line() {
    let stage = Stage::new();
    let folder = stage.directory.path();
    sources::notebook(&folder.join("source"), "One", 1, "print(1)");
    let parameters = |text: &str| fs::write(folder.join("source/parameter.yml"), text).unwrap();
    fs::write(folder.join("source/notes.md"), "not an item's").unwrap();
    let validate = ["validate", "--source", "source", "--workspace", "W", "--environment", "dev"];

    parameters(
        "find_replace:\n- find_value: nowhere\n  replace_value:\n    dev: x\n- find_value: print\n  replace_value:\n    \
         prod: x\n- find_value: $workspace.Other\n  replace_value:\n    dev: x\n- find_value: One\n  replace_value:\n    dev: ''\n- \
         find_value: print\n  replace_value:\n    dev: x\n  file_path:\n  - '*.ipynb'\nextend:\n- more.yml\n",
    );
    fs::write(folder.join("source/more.yml"), "find_replace: []\n").unwrap();
    let warned = stage.run(&validate).exits(0);
    for (place, said) in [
        ("parameter.yml:2:", "warning[parameter-unused]: this entry changed no file"),
        ("parameter.yml:7:", "has no value for the environment `dev`; the entry is skipped"),
        ("parameter.yml:8:", "only the service knows `$workspace.Other.$id`"),
        ("parameter.yml:13:", "`find_replace[3].replace_value.dev` is empty: what is found is taken away"),
        ("parameter.yml:18:", "no item of the source folder has a file `*.ipynb`"),
        ("source/notes.md:", "warning[files-unused]: this file belongs to no item: it is not deployed"),
    ] {
        let line = warned.stderr.lines().find(|line| line.contains(place));
        assert!(line.is_some_and(|line| line.contains(said)), "{place} {said}: {}", warned.stderr);
    }
    parameters("extend:\n- gone.yml\n");
    let refused = stage.run(&validate).exits(7);
    assert!(refused.stderr.contains("parameter.yml:2:"), "{}", refused.stderr);
    assert!(refused.stderr.contains("source/gone.yml, and there is no such file"), "{}", refused.stderr);

    fs::write(
        folder.join("config.yml"),
        "core:\n  workspace:\n    prod: W\n  repository_directory: source\n  item_types_in_scope:\n    prod: [Notebook]\n",
    )
    .unwrap();
    let refused = stage.run(&["validate", "--config", "config.yml", "--environment", "dev"]).exits(7);
    for (place, said) in [
        ("config.yml:3:", "error[environment-missing]: `core.workspace` has no value for the environment `dev`"),
        ("config.yml:6:", "warning[environment-missing]: `core.item_types_in_scope` has no value"),
    ] {
        let line = refused.stderr.lines().find(|line| line.contains(place));
        assert!(line.is_some_and(|line| line.contains(said)), "{place} {said}: {}", refused.stderr);
    }

    parameters("find_replace: []\n");
    fs::write(
        folder.join("config.yml"),
        "core:\n  workspace: W\n  repository_directory: source\n  item_types_in_scope: [Notebook, Report, Notebok]\n\
         publish:\n  exclude_regex: ^TMP\n  items_to_include:\n  - One.Notebook\n  - one.Notebook\nunpublish:\n  \
         skip: true\n  exclude_regex: ^KEEP\n",
    )
    .unwrap();
    let warned = stage.run(&["validate", "--config", "config.yml", "--environment", "dev"]).exits(0);
    for (place, said) in [
        ("config.yml:4:", "`core.item_types_in_scope`: no item has the type `Notebok`, and no such type is known"),
        ("config.yml:6:", "warning[rule-unmatched]: `publish.exclude_regex`: no item has such a name"),
        ("config.yml:9:", "`publish.items_to_include`: the folder describes no"),
    ] {
        let line = warned.stderr.lines().find(|line| line.contains(place));
        assert!(line.is_some_and(|line| line.contains(said)), "{place} {said}: {}", warned.stderr);
    }
    assert_eq!(warned.stderr.matches("rule-unmatched").count(), 3, "{}", warned.stderr);
    assert_eq!(stage.emulator.requests().len(), 0);
}
