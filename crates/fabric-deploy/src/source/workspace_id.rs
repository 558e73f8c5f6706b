//! The all-zero workspace id, which exports write for "the workspace that this item is in".

use memchr::memmem;

use crate::content::{Reference, WorkspaceRef};
use crate::parameter::token::Tokens;

const ZERO: &str = "00000000-0000-0000-0000-000000000000";
/// The keys whose value is a workspace id, as fabric-cicd knows them.
const KEYS: [&str; 3] = ["default_lakehouse_workspace_id", "workspaceId", "workspace"];
/// What stands before the value in the actions of a Reflex, which are JSON inside a JSON string.
const ESCAPED: &str = r#"\"name\":\"workspaceId\",\"type\":\"string\",\"value\":\""#;

/// `text` with the target workspace's id in every place that means it; `None` where there is none.
pub(super) fn replace(text: &str, item_type: &str, tokens: &mut Tokens) -> Option<String> {
    let mut replaced = String::new();
    let mut end = 0;
    for start in memmem::find_iter(text.as_bytes(), ZERO.as_bytes()) {
        let (before, after) = (text.get(..start)?, text.get(start + ZERO.len()..)?);
        let escaped = item_type == "Reflex" && before.ends_with(ESCAPED) && after.starts_with("\\\"");
        if escaped || (after.starts_with('"') && is_value_of_key(before)) {
            replaced.push_str(text.get(end..start)?);
            replaced.push_str(&tokens.token(&Reference::WorkspaceId(WorkspaceRef::Target)));
            end = start + ZERO.len();
        }
    }
    if end == 0 {
        return None;
    }
    replaced.push_str(text.get(end..)?);
    Some(replaced)
}

/// Whether `before` ends in one of the keys, `:` or `=`, and the quotation mark that begins the value.
fn is_value_of_key(before: &str) -> bool {
    let key = before
        .strip_suffix('"')
        .and_then(|before| before.trim_end().strip_suffix([':', '=']))
        .map(|before| before.trim_end())
        .map(|before| before.strip_suffix('"').unwrap_or(before));
    key.is_some_and(|key| KEYS.iter().any(|known| key.ends_with(known)))
}
