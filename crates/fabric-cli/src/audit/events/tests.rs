//! Every change as an event, done and taken back, against the page that lists them.

use std::collections::BTreeMap;
use std::path::Path;

use fabric_client::GitCredentials;
use fabric_deploy::desired::{DataSource, FolderPath, PrincipalType, ShortcutKey, WorkspaceRole};
use fabric_deploy::plan::{Binding, PartAction, PartChange, Plan, PlannedStep};
use uuid::Uuid;

use super::*;

const WORKSPACE: Uuid = Uuid::from_u128(1);
const ITEM: Uuid = Uuid::from_u128(2);
const CONNECTION: Uuid = Uuid::from_u128(3);
const PRINCIPAL: Uuid = Uuid::from_u128(4);

fn key() -> ItemKey {
    ItemKey { item_type: "Notebook".to_owned(), name: "Load".to_owned() }
}

fn replaced<T>(from: T, to: T) -> Replaced<T> {
    Replaced { from, to }
}

fn on_github() -> GitProviderDetails {
    let repository = GitRepository::GitHub { owner: "contoso".to_owned(), repository: "fabric".to_owned() };
    GitProviderDetails { repository, branch: "main".to_owned(), directory: "/".to_owned() }
}

/// The events of a change: done, and taken back.
fn told(change: &Change) -> (Option<Event>, Option<Event>) {
    let step = PlannedStep { id: "1".to_owned(), change: change.clone(), after: Vec::new() };
    let plan = Plan {
        environment: "dev".to_owned(),
        workspace: None,
        workspace_name: "Sales".to_owned(),
        steps: vec![step],
        unchanged: Vec::new(),
        kept: Vec::new(),
        strategy: fabric_deploy::plan::Strategy::Auto,
        imports: Vec::new(),
    };
    let mut report = Report::planned(&plan);
    report.workspace.id = Some(WORKSPACE);
    report.steps[0].resource_id = Some(ITEM.to_string());
    let describe = |_: &ItemKey| Some("Loads it".to_owned());
    let step = &report.steps[0];
    let subject = Subject { report: &report, step, product: "sales", names_checked: true, describe: &describe };
    (applied(change, &subject), undone(change, &subject))
}

/// What a change gives: its events' types, and the fields of the first one beside the ids.
#[track_caller]
fn gives(change: &Change, done: &str, back: Option<&str>, fields: &Value) {
    let (first, second) = told(change);
    let first = first.unwrap_or_else(|| panic!("{change:?}"));
    assert_eq!(first.0, done);
    assert_eq!(first.1["workspace_id"], json!(WORKSPACE));
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&first.1[name], value, "{name} of {}", first.1);
    }
    assert_eq!(second.as_ref().map(|event| event.0), back, "{change:?}");
    assert!(second.iter().all(|(_, fields)| fields["reason"] == "rolled back"));
    let page = page();
    for (event_type, fields) in [Some(first), second].into_iter().flatten() {
        let row = page.get(event_type).unwrap_or_else(|| panic!("{event_type} is not on the page"));
        for name in fields.as_object().unwrap().keys() {
            assert!(row.contains(&format!("`{name}`")), "{name} of {event_type} is not on the page");
        }
    }
}

/// The rows of the page: what an event type has.
fn page() -> BTreeMap<String, String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/observability/audit.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.map(|(event_type, fields)| (event_type.to_owned(), fields.to_owned())).collect()
}

#[test]
fn workspaces() {
    let create = Change::CreateWorkspace { name: "Sales".to_owned(), description: None, capacity_id: None };
    let fields = json!({ "workspace_name": "Sales", "product_id": "sales", "environment": "dev", "capacity_id": null });
    gives(&create, "workspace_created", Some("workspace_deleted"), &fields);
    let describe = Change::DescribeWorkspace { description: replaced("a".to_owned(), "b".to_owned()) };
    let changes = json!({ "changes": { "description": { "from": "a", "to": "b" } } });
    gives(&describe, "workspace_updated", Some("workspace_updated"), &changes);
    assert_eq!(told(&describe).1.unwrap().1["changes"]["description"], json!({ "from": "b", "to": "a" }));
    let assign = Change::AssignCapacity { capacity_id: replaced(None, Some(ITEM)) };
    let changes = json!({ "changes": { "capacity_id": { "from": null, "to": ITEM } } });
    gives(&assign, "workspace_updated", Some("workspace_updated"), &changes);
}

#[test]
fn items_that_come_and_go() {
    let create = Change::CreateItem { key: key(), folder: FolderPath::root(), logical_id: None };
    let fields = json!({
        "item_id": ITEM.to_string(), "item_name": "Load", "item_type": "Notebook", "description": "Loads it",
        "validation_passed": true
    });
    gives(&create, "item_created", Some("item_deleted"), &fields);
    let delete = Change::DeleteItem { key: key(), id: ITEM, description: String::new(), folder: FolderPath::root() };
    gives(&delete, "item_deleted", Some("item_created"), &json!({ "item_name": "Load", "item_type": "Notebook" }));
}

#[test]
fn items_that_change() {
    let parts = vec![PartChange { path: "notebook-content.py".to_owned(), action: PartAction::Change, diff: None }];
    let metadata = Change::UpdateMetadata {
        key: key(),
        id: ITEM,
        name: Some(replaced("load".to_owned(), "Load".to_owned())),
        description: None,
    };
    let folder = replaced(FolderPath::root(), FolderPath(vec!["In".to_owned()]));
    let source = DataSource { kind: "SQL".to_owned(), path: "server".to_owned() };
    let from = Some(Binding { connection: Some(ITEM), connectivity_type: None });
    let shortcut = ShortcutKey { path: "Files".to_owned(), name: "raw".to_owned() };
    let cases = [
        (Change::UpdateDefinition { key: key(), id: ITEM, parts }, json!({ "definition": ["notebook-content.py"] })),
        (metadata, json!({ "display_name": { "from": "load", "to": "Load" }, "description": null })),
        (Change::MoveItem { key: key(), id: ITEM, folder }, json!({ "folder": { "from": [], "to": ["In"] } })),
        (Change::PublishEnvironment { key: key() }, json!({ "published": true })),
        (
            Change::SetActiveValueSet { key: key(), value_set: replaced(None, Some("prod".to_owned())) },
            json!({ "active_value_set": { "from": null, "to": "prod" } }),
        ),
        (
            Change::BindConnection { key: key(), connection: CONNECTION, source: source.clone(), from, required: true },
            json!({ "data_source": source, "connection": { "from": ITEM, "to": CONNECTION } }),
        ),
        (
            Change::WriteShortcut { key: key(), shortcut: shortcut.clone(), from: None },
            json!({ "shortcut": shortcut.to_string() }),
        ),
        (
            Change::DeleteShortcut { key: key(), shortcut: shortcut.clone(), from: Value::Null },
            json!({ "shortcut": shortcut.to_string() }),
        ),
    ];
    for (change, changes) in cases {
        gives(
            &change,
            "item_updated",
            Some("item_updated"),
            &json!({ "item_id": ITEM.to_string(), "changes": changes }),
        );
    }
}

#[test]
fn roles() {
    let add = Change::AddRole {
        principal: PRINCIPAL,
        principal_type: PrincipalType::Group,
        label: "Team".to_owned(),
        role: WorkspaceRole::Member,
    };
    let fields =
        json!({ "principal_identifier": PRINCIPAL, "user_id": PRINCIPAL, "role": "Member", "principal_type": "Group" });
    gives(&add, "user_added", Some("user_removed"), &fields);
    let role = replaced(Some(WorkspaceRole::Viewer), Some(WorkspaceRole::Admin));
    let change = Change::ChangeRole { principal: PRINCIPAL, assignment_id: PRINCIPAL, label: "Team".to_owned(), role };
    let fields = json!({ "old_role": "Viewer", "new_role": "Admin" });
    gives(&change, "user_role_changed", Some("user_role_changed"), &fields);
    assert_eq!(told(&change).1.unwrap().1["new_role"], "Viewer");
}

#[test]
fn git() {
    let azure_devops = GitRepository::AzureDevOps {
        organization: "contoso".to_owned(),
        project: "Sales".to_owned(),
        repository: "fabric".to_owned(),
    };
    let other = GitRepository::Other { provider: "Elsewhere".to_owned(), repository: "fabric".to_owned() };
    for (repository, provider, organization) in [
        (on_github().repository, "GitHub", json!("contoso")),
        (azure_devops, "AzureDevOps", json!("contoso")),
        (other, "Elsewhere", Value::Null),
    ] {
        let provider_details = GitProviderDetails { repository, ..on_github() };
        let connect =
            Change::ConnectGit { provider: provider_details, credentials: Some(GitCredentials::None), from: None };
        let fields = json!({ "git_provider": provider, "git_organization": organization, "git_branch": "main" });
        gives(&connect, "git_connected", Some("git_disconnected"), &fields);
    }
    let commit = Change::CommitToGit { comment: "A deployment".to_owned(), deletions: false };
    gives(&commit, "git_committed", None, &json!({ "commit_message": "A deployment", "commit_mode": "All" }));
}

#[test]
fn what_the_original_system_did_not_record() {
    let folder = Change::CreateFolder { path: FolderPath(vec!["In".to_owned()]) };
    assert_eq!(told(&folder), (None, None));
}

#[test]
fn names() {
    let page = page();
    let (passed, fields) = validation_passed(&key());
    assert_eq!(fields, json!({ "item_name": "Load", "item_type": "Notebook" }));
    let (failed, fields) = validation_failed(&key(), &["too long"]);
    assert_eq!(fields["validation_errors"], json!(["too long"]));
    assert!(page.contains_key(passed) && page.contains_key(failed));
}
