//! Data sources of KQL querysets and dashboards that leave their cluster open name it once their database is deployed.

use std::collections::HashMap;

use uuid::Uuid;

use crate::content::{Attribute, Reference, WorkspaceRef};
use crate::desired::ItemKey;
use crate::parameter::layout::{self, Node, Value};
use crate::parameter::token::Tokens;

/// Where a data source says which database it means: by logical id, or by name.
const NAMES: [&str; 4] = ["databaseItemId", "database", "databaseItemName", "name"];

/// The KQL databases of the source folder, by logical id and by name.
#[derive(Default)]
pub(super) struct Databases {
    pub(super) by_id: HashMap<Uuid, ItemKey>,
    pub(super) by_name: HashMap<String, ItemKey>,
}

/// Whether items of this type have such data sources.
pub(super) fn concerns(item_type: &str) -> bool {
    matches!(item_type, "KQLQueryset" | "KQLDashboard")
}

/// `text` with every empty `clusterUri` filled whose data source names a database of the folder; `None` where there is
/// none.
pub(super) fn fill(text: &str, databases: &Databases, tokens: &mut Tokens) -> Option<String> {
    let root = layout::read_json(text).ok()?;
    let mut open = Vec::new();
    find(&root, databases, &mut open);
    if open.is_empty() {
        return None;
    }
    let mut filled = text.to_owned();
    open.sort_by_key(|(node, _)| std::cmp::Reverse(node.span.start));
    for (node, database) in open {
        let uri = Reference::Item {
            workspace: WorkspaceRef::Target,
            key: database.clone(),
            attribute: Attribute::QueryServiceUri,
        };
        filled.replace_range(node.span.clone(), &format!("\"{}\"", tokens.token(&uri)));
    }
    Some(filled)
}

fn find<'n>(node: &'n Node, databases: &'n Databases, open: &mut Vec<(&'n Node, &'n ItemKey)>) {
    let uri = node.member("clusterUri").map(|member| &member.value);
    if let Some(uri) = uri.filter(|uri| uri.as_str() == Some("")) {
        let names = NAMES.iter().filter_map(|name| node.member(name)?.value.as_str());
        let mut meant = names.filter_map(|name| {
            let id = Uuid::try_parse(name).ok();
            id.and_then(|id| databases.by_id.get(&id)).or_else(|| databases.by_name.get(name))
        });
        open.extend(meant.next().map(|database| (uri, database)));
    }
    match &node.value {
        Value::Array(nodes) => nodes.iter().for_each(|node| find(node, databases, open)),
        Value::Object(_) => node.members().iter().for_each(|member| find(&member.value, databases, open)),
        _ => {}
    }
}
