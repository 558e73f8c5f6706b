//! What a parameter puts in: text, something that only the server knows, or text with secrets.

use crate::content::{Attribute, NameEncoding, Reference, WorkspaceRef};
use crate::desired::ItemKey;
use crate::parameter::token::Tokens;

/// A replacement, ready to be put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Replacement {
    /// Text as it is.
    Text(String),
    /// The value of a reference.
    Reference(Reference),
    /// Text and the values of secrets, in turn.
    Mixed(Vec<Replacement>),
}

impl Replacement {
    /// The text that stands for this while a part is worked on.
    pub(crate) fn text(&self, tokens: &mut Tokens) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Reference(reference) => tokens.token(reference),
            Self::Mixed(runs) => runs.iter().map(|run| run.text(tokens)).collect(),
        }
    }

    /// Whether `occurs` is true of any text in this.
    pub(crate) fn mentions(&self, occurs: &impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Text(text) => occurs(text),
            Self::Reference(_) => false,
            Self::Mixed(runs) => runs.iter().any(|run| run.mentions(occurs)),
        }
    }
}

/// A run of a value as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written<'t> {
    /// Text.
    Text(&'t str),
    /// The name of a secret.
    Secret(&'t str),
}

/// What begins the name of a secret; `$${secret:` stands for these characters themselves.
pub(crate) const SECRET: &str = "${secret:";

/// The runs of `text`; `None` if a secret's name does not end or is empty.
pub(crate) fn runs(text: &str) -> Option<Vec<Written<'_>>> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(SECRET) {
        let (before, from) = rest.split_at(start);
        let after = from.get(SECRET.len()..)?;
        if let Some(kept) = before.strip_suffix('$') {
            runs.push(Written::Text(kept));
            runs.push(Written::Text(SECRET));
            rest = after;
            continue;
        }
        runs.push(Written::Text(before));
        let (name, tail) = after.split_once('}')?;
        if name.trim().is_empty() {
            return None;
        }
        runs.push(Written::Secret(name.trim()));
        rest = tail;
    }
    runs.push(Written::Text(rest));
    runs.retain(|run| *run != Written::Text(""));
    Some(runs)
}

/// Why a value that begins with `$` is not understood: what is wrong, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValueError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

impl ValueError {
    fn malformed(value: &str, remedy: &str) -> Self {
        Self {
            code: "parameter-bad-variable",
            message: format!("`{value}` is not a variable that can be replaced"),
            remedy: remedy.to_owned(),
        }
    }
}

const FORMS: &str = "Write $workspace.$id, $workspace.<name>.$id, $items.<type>.<name>.$id or \
                     $workspace.<name>.$items.<type>.<name>.$id.";

/// Reads a replacement. Text that does not begin with `$` is taken as it is.
pub(crate) fn read(value: &str) -> Result<Replacement, ValueError> {
    if let Some(variable) = value.strip_prefix("$items.") {
        return item(value, variable, WorkspaceRef::Target);
    }
    if let Some(variable) = value.strip_prefix("$workspace.") {
        return workspace(value, variable);
    }
    if value.starts_with('$') {
        return Err(ValueError::malformed(value, FORMS));
    }
    Ok(Replacement::Text(value.to_owned()))
}

fn workspace(value: &str, variable: &str) -> Result<Replacement, ValueError> {
    match variable {
        "id" | "$id" => return Ok(Replacement::Reference(Reference::WorkspaceId(WorkspaceRef::Target))),
        "$name" => return Ok(Replacement::Reference(Reference::WorkspaceName { encoding: NameEncoding::Plain })),
        "$name_encoded" => return Ok(Replacement::Reference(Reference::WorkspaceName { encoding: NameEncoding::Url })),
        _ => {}
    }
    if let Some((name, items)) = variable.split_once(".$items.") {
        let workspace = workspace_name(value, name)?;
        return item(value, items, workspace);
    }
    if variable.starts_with('$') {
        return Err(ValueError::malformed(value, FORMS));
    }
    let name = match variable.rsplit_once(".$") {
        Some((name, "id")) => name,
        Some(_) => return Err(ValueError::malformed(value, "Only `$id` can be asked of another workspace.")),
        None => variable,
    };
    workspace_name(value, name).map(|workspace| Replacement::Reference(Reference::WorkspaceId(workspace)))
}

fn workspace_name(value: &str, name: &str) -> Result<WorkspaceRef, ValueError> {
    let name = name.trim();
    if name.is_empty() { Err(ValueError::malformed(value, FORMS)) } else { Ok(WorkspaceRef::Named(name.to_owned())) }
}

/// `<type>.<name>.$<attribute>`, or the older form without the last `$`. The name may itself have dots: the type ends
/// at the first one, the attribute begins after the last.
fn item(value: &str, variable: &str, workspace: WorkspaceRef) -> Result<Replacement, ValueError> {
    let parts = variable.split_once('.').and_then(|(item_type, rest)| {
        let (name, attribute) = rest.rsplit_once(".$").or_else(|| rest.rsplit_once('.'))?;
        Some((item_type.trim(), name.trim(), attribute.trim()))
    });
    let Some((item_type, name, attribute)) = parts else { return Err(ValueError::malformed(value, FORMS)) };
    if item_type.is_empty() || name.is_empty() {
        return Err(ValueError::malformed(value, FORMS));
    }
    let attribute = match attribute.to_ascii_lowercase().as_str() {
        "id" => Attribute::Id,
        "sqlendpoint" => Attribute::SqlEndpoint,
        "sqlendpointid" => Attribute::SqlEndpointId,
        "queryserviceuri" => Attribute::QueryServiceUri,
        _ => {
            return Err(ValueError::malformed(
                value,
                "End the variable in .$id, .$sqlendpoint, .$sqlendpointid or .$queryserviceuri.",
            ));
        }
    };
    Ok(Replacement::Reference(Reference::Item { workspace, key: ItemKey::new(item_type, name), attribute }))
}
