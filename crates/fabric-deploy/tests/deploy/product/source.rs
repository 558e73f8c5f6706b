//! Definitions from a source folder.

use std::cell::RefCell;
use std::collections::BTreeMap;

use fabric_deploy::content::Content;
use fabric_deploy::desired::{DesiredBody, DesiredItem, DesiredPart, ItemKey};
use fabric_deploy::diagnostic::{Diagnostic, Diagnostics, Place};
use fabric_deploy::product::SourceFolder;

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
            parameters: Some(base.join("parameter.yml")),
            environment: "dev".to_owned(),
            workspace_name: Some("usf2-fabric-sales-analytics-dev".to_owned())
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
