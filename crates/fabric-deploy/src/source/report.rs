//! A report that names its semantic model by path names it by id once it is deployed.
//!
//! Fabric's REST API takes only `byConnection` references in `definition.pbir`.

use std::collections::HashMap;

use crate::content::Reference;
use crate::desired::ItemKey;
use crate::parameter::layout;
use crate::parameter::token::Tokens;

/// The part that names the model.
pub(super) const PART: &str = "definition.pbir";
/// The form whose `byConnection` names the model's id in a member of its own: the one that fabric-cicd sends.
const SCHEMA: &str =
    "https://developer.microsoft.com/json-schemas/fabric/item/report/definitionProperties/1.0.0/schema.json";

/// The model's directory is not an item of the source folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ModelNotFound {
    /// The path as it is written.
    pub(super) path: String,
    /// The byte where it is written.
    pub(super) offset: usize,
}

/// `text` of the `definition.pbir` in `directory`, with the model by id; `None` where it names none by path.
pub(super) fn by_connection(
    text: &str,
    directory: &str,
    models: &HashMap<String, ItemKey>,
    tokens: &mut Tokens,
) -> Result<Option<String>, ModelNotFound> {
    let Ok(root) = layout::read_json(text) else { return Ok(None) };
    let Some(reference) = root.member("datasetReference").map(|member| &member.value) else { return Ok(None) };
    let path = reference.member("byPath").and_then(|member| member.value.member("path"));
    let Some((node, path)) = path.and_then(|member| Some((&member.value, member.value.as_str()?))) else {
        return Ok(None);
    };
    let not_found = || ModelNotFound { path: path.to_owned(), offset: node.span.start };
    let model = resolve(directory, path).and_then(|directory| models.get(&directory)).ok_or_else(not_found)?;
    let token = tokens.token(&Reference::item_id(model.clone()));
    let connection = format!(
        r#"{{
    "byConnection": {{
      "connectionString": null,
      "pbiServiceModelId": null,
      "pbiModelVirtualServerName": "sobe_wowvirtualserver",
      "pbiModelDatabaseName": "{token}",
      "name": "EntityDataSource",
      "connectionType": "pbiServiceXmlaStyleLive"
    }}
  }}"#
    );
    let schema = match root.member("$schema") {
        Some(member) => (member.value.span.clone(), format!("\"{SCHEMA}\"")),
        None => (root.span.start + 1..root.span.start + 1, format!("\n  \"$schema\": \"{SCHEMA}\",")),
    };
    let mut edits = [(reference.span.clone(), connection), schema];
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    let mut edited = text.to_owned();
    for (span, replacement) in edits {
        edited.replace_range(span, &replacement);
    }
    Ok(Some(edited))
}

/// `path`, seen from `directory`, as a directory below the source folder; `None` if it leads out of it.
fn resolve(directory: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = directory.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
