//! Definitions from a source folder.

use std::cell::RefCell;
use std::collections::BTreeMap;

use fabric_deploy::content::Content;
use fabric_deploy::desired::{DesiredBody, DesiredItem, DesiredPart, ItemKey};
use fabric_deploy::diagnostic::{Diagnostic, Diagnostics, Place};
use fabric_deploy::product::{Product, SourceFolder, SourceParameters};
use fabric_deploy::source::{self, SourceRequest};

use super::fixture::Project;

fn item(item_type: &str, name: &str) -> (ItemKey, DesiredItem) {
    let key = ItemKey::new(item_type, name);
    let part =
        DesiredPart { path: "notebook-content.py".to_owned(), content: Content::literal("x"), source: "f".into() };
    let item = DesiredItem {
        key: key.clone(),
        description: Some("from the folder".to_owned()),
        folder: None,
        logical_id: None,
        body: DesiredBody::Definition { format: None, parts: vec![part] },
        parents: Vec::new(),
        active_value_set: None,
        shortcuts: None,
        connections: Vec::new(),
        deployed_as: Vec::new(),
        source: format!("items/{name}.{item_type}").into(),
    };
    (key, item)
}

fn project() -> Project {
    let project = Project::original();
    project.change("git:\n", "source: items\nparameters: parameter.yml\ngit:\n");
    std::fs::create_dir_all(project.root().join("scenarios/sales/items")).unwrap();
    project
}

#[test]
fn an_item_in_both_has_its_definition_from_the_folder_and_its_description_from_the_configuration() {
    let project = project();
    let asked = RefCell::new(None);
    let (product, diagnostics) = project.load_with(None, &|folder| {
        *asked.borrow_mut() = Some(folder.clone());
        let items = [item("Notebook", "01_IngestSalesData_Notebook"), item("Notebook", "04_Extra_Notebook")];
        (Some(BTreeMap::from(items)), Diagnostics::new())
    });
    let items = product.unwrap_or_else(|| panic!("{diagnostics}")).desired.items;
    assert_eq!(items.len(), 7);
    let both = &items[&ItemKey::new("Notebook", "01_IngestSalesData_Notebook")];
    assert!(matches!(&both.body, DesiredBody::Definition { parts, .. } if parts.len() == 1));
    assert_eq!(both.description.as_deref(), Some("Ingest raw sales data from sources"));
    let extra = &items[&ItemKey::new("Notebook", "04_Extra_Notebook")];
    assert_eq!(extra.description.as_deref(), Some("from the folder"));
    let base = project.root().join("scenarios/sales");
    assert_eq!(
        asked.into_inner(),
        Some(SourceFolder {
            root: base.join("items"),
            parameters: SourceParameters::File(base.join("parameter.yml")),
            environment: "dev".to_owned(),
        })
    );
}

#[test]
fn findings_of_the_folder_stop_the_load_and_its_names_are_checked() {
    let project = project();
    let (product, diagnostics) = project.load_with(None, &|folder| {
        let mut diagnostics = Diagnostics::new();
        diagnostics.push(Diagnostic::error("broken-part", "a part is broken").at(Place::file(&folder.root)));
        (Some(BTreeMap::from([item("Notebook", "extra"), item("Eventhouse", "Sales")])), diagnostics)
    });
    assert!(product.is_none());
    let codes: Vec<_> = diagnostics
        .iter()
        .filter(|finding| finding.severity == fabric_deploy::diagnostic::Severity::Error)
        .map(|finding| (finding.code, finding.place.as_ref().unwrap().file.file_name().unwrap().to_str().unwrap()))
        .collect();
    assert!(codes.contains(&("broken-part", "items")));
    assert!(codes.contains(&("name-pattern", "extra.Notebook")));
    assert!(codes.contains(&("no-naming-rule", "Sales.Eventhouse")));
    assert_eq!(codes.len(), 3);
}

/// The original with a notebook in its source folder, and these parameters in the product configuration itself.
fn with_parameters(parameters: &str) -> (Option<Product>, Diagnostics) {
    let project = Project::original();
    project.change("git:\n", &format!("source: items\nparameters:\n{parameters}git:\n"));
    let folder = "scenarios/sales/items/01_IngestSalesData_Notebook.Notebook";
    let platform = r#"{"metadata": {"type": "Notebook", "displayName": "01_IngestSalesData_Notebook"},
        "config": {"version": "2.0", "logicalId": "00000000-0000-0000-0000-000000000001"}}"#;
    project.write(&format!("{folder}/.platform"), platform);
    project.write(&format!("{folder}/notebook-content.py"), "connect('PLACEHOLDER')\n");
    project.load_with(None, &|folder| {
        let (loaded, diagnostics) = source::load(&SourceRequest {
            root: &folder.root,
            parameters: (&folder.parameters).into(),
            environment: &folder.environment,
            lookup_env: &|name| (name == "HOST").then(|| "sales".to_owned()),
            looked_up: None,
            named_by: None,
        });
        (loaded.map(|loaded| loaded.items), diagnostics)
    })
}

#[test]
fn parameters_in_the_configuration_are_those_of_a_file_and_may_name_secrets() {
    let (product, diagnostics) = with_parameters(
        "  find_replace:\n  - find_value: PLACEHOLDER\n    replace_value:\n      dev: $ENV:HOST;${secret:db-password}\n",
    );
    let product = product.unwrap_or_else(|| panic!("{diagnostics}"));
    let secrets: Vec<_> = product.desired.secret_references().into_iter().cloned().collect();
    assert_eq!(secrets.len(), 1, "{secrets:?}");
    assert_eq!(secrets[0].name, "db-password");
    assert!(secrets[0].place.to_string().contains("product_config.yaml:24"), "{}", secrets[0].place);
    let item = &product.desired.items[&ItemKey::new("Notebook", "01_IngestSalesData_Notebook")];
    let sent = item.parts()[0].content.resolve(|_| Some("hush".to_owned())).unwrap();
    assert_eq!(String::from_utf8_lossy(&sent), "connect('sales;hush')\n");
}

#[test]
fn mistakes_in_parameters_of_the_configuration_have_their_lines() {
    for (parameters, expected) in [
        ("  find_replace:\n  - find_value: ${secret:x}\n    replace_value: {dev: y}\n", "error[secret-not-here]"),
        ("  find_replaces: []\n", "error[unknown-key]"),
        (
            "  find_replace:\n  - find_value: PLACEHOLDER\n    replace_value: {dev: \"on ${HOST}\"}\n",
            "warning[variable-not-here]",
        ),
    ] {
        let (product, diagnostics) = with_parameters(parameters);
        assert_eq!(product.is_none(), expected.starts_with("error"), "{diagnostics}");
        let line = diagnostics.iter().map(ToString::to_string).find(|found| found.contains(expected));
        let line = line.unwrap_or_else(|| panic!("{expected}: {diagnostics}"));
        assert!(line.contains("product_config.yaml:2"), "{line}");
    }
    let project = Project::original();
    project.change("git:\n", "source: items\nparameters: [a]\ngit:\n");
    std::fs::create_dir_all(project.root().join("scenarios/sales/items")).unwrap();
    assert!(project.errors().contains(&"wrong-type product_config.yaml:20".to_owned()), "{:?}", project.errors());
}
