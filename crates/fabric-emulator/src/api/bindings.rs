//! Which connections the data sources of a semantic model use.
//!
//! The sources are those that calls in the model's expressions name; a source without a connection connects by itself.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::connections;
use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::World;
use crate::world::entities::{Connection, Item};

/// Functions that name a data source, the kind of source, and how many of their arguments say where it is.
const FUNCTIONS: [(&str, &str, usize); 5] = [
    ("Sql.Database(", "SQL", 2),
    ("Sql.Databases(", "SQL", 1),
    ("AzureStorage.DataLake(", "AzureDataLakeStorage", 1),
    ("OData.Feed(", "OData", 1),
    ("Web.Contents(", "Web", 1),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BindConnection {
    connection_binding: Binding,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Binding {
    #[serde(default)]
    id: Option<Uuid>,
    connection_details: Value,
}

/// The data sources of a semantic model, as connection details.
pub(super) fn sources(world: &World, item: &Item) -> Vec<Value> {
    let mut found = Vec::new();
    if item.item_type != "SemanticModel" {
        return found;
    }
    for part in &item.parts {
        let content = world.content(&part.digest);
        let text = String::from_utf8_lossy(&content);
        for (function, kind, arguments) in FUNCTIONS {
            for (start, _) in text.match_indices(function) {
                let Some(path) = arguments_of(&text, start + function.len(), arguments) else { continue };
                let source = json!({"type": kind, "path": path});
                if !found.contains(&source) {
                    found.push(source);
                }
            }
        }
    }
    found
}

/// The first texts of a call, joined; quotation marks may be escaped, as they are inside JSON.
fn arguments_of(text: &str, start: usize, count: usize) -> Option<String> {
    let call = text.get(start..)?.split(')').next()?.replace("\\\"", "\"");
    let texts: Vec<&str> = call.split('"').skip(1).step_by(2).take(count).collect();
    (texts.len() == count).then(|| texts.join(";"))
}

pub(super) fn same(left: &Value, right: &Value) -> bool {
    let text = |details: &Value, member: &str| details[member].as_str().unwrap_or_default().to_lowercase();
    let path = |details: &Value| text(details, "path").trim_end_matches('/').to_owned();
    path(left) == path(right) && (right["type"].is_null() || text(left, "type") == text(right, "type"))
}

pub(crate) fn bind(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted = call.json::<BindConnection>()?.connection_binding;
    let item = call.item()?;
    if !sources(call.world, item).iter().any(|source| same(source, &wanted.connection_details)) {
        return Err(Refusal::bad("InvalidRequest", "The semantic model has no such data source"));
    }
    if let Some(id) = wanted.id {
        let connection = connections::permitted(call, id)?;
        if !same(&connection.connection_details, &wanted.connection_details) {
            return Err(Refusal::bad("InvalidRequest", "The connection leads elsewhere than the data source"));
        }
    }
    let replaced: Vec<Uuid> = call
        .item()?
        .connections
        .iter()
        .copied()
        .filter(|id| {
            let bound: Option<&Connection> = call.world.connections.get(*id);
            bound.is_none_or(|bound| same(&bound.connection_details, &wanted.connection_details))
        })
        .collect();
    let bound = &mut call.item_mut()?.connections;
    bound.retain(|id| !replaced.contains(id));
    bound.extend(wanted.id);
    Ok(Reply::done())
}

#[cfg(test)]
mod tests {
    use super::arguments_of;

    #[test]
    fn arguments_are_read_with_and_without_escapes() {
        assert_eq!(arguments_of(r#""a.net", "b") in x"#, 0, 2).as_deref(), Some("a.net;b"));
        assert_eq!(arguments_of(r#"\"a.net\", \"b\")"#, 0, 2).as_deref(), Some("a.net;b"));
        assert_eq!(arguments_of("Server, Base)", 0, 2), None);
    }
}
