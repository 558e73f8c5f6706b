//! The `.platform` file: what an item is called, and the id by which other files refer to it.

use std::ops::Range;
use std::path::Path;

use uuid::Uuid;

use crate::desired::ItemKey;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::parameter::layout::{self, Node, Value};

/// Fabric refuses display names that are longer, in characters.
const MAX_NAME: usize = 256;
/// Fabric refuses descriptions that are longer, in characters.
const MAX_DESCRIPTION: usize = 256;

/// What a `.platform` file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// Type and display name.
    pub key: ItemKey,
    /// The description; `None` where the file has none.
    pub description: Option<String>,
    /// What the create call carries beside the name.
    pub creation_payload: Option<serde_json::Value>,
    /// The id by which other files refer to the item; `None` for the all-zero id that exports carry.
    pub logical_id: Option<Uuid>,
    /// The line of `logicalId`, for messages.
    pub logical_id_line: usize,
}

/// Reads the text of the `.platform` file at `path`. `None` if and only if an error was found.
impl Platform {
    /// Reads the text of a `.platform` file.
    pub fn parse(text: &str, path: &Path) -> (Option<Self>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        (read(path, text, &mut diagnostics), diagnostics)
    }
}

pub(super) fn read(path: &Path, text: &str, diagnostics: &mut Diagnostics) -> Option<Platform> {
    let mut reader = Reader { path, text, diagnostics, failed: false };
    let root = reader.root()?;
    reader.unknown_keys(&root, "", &["$schema", "metadata", "config"]);
    let whole = 0..0;
    let metadata = reader.object(&root, "metadata", "platform-missing-metadata");
    let config = reader.object(&root, "config", "logical-id-missing");

    let (mut item_type, mut name, mut description, mut payload) = (None, None, None, None);
    if let Some(metadata) = metadata {
        reader.unknown_keys(metadata, "metadata.", &["type", "displayName", "description", "creationPayload"]);
        item_type = reader.item_type(metadata);
        name = reader.name(metadata);
        description = reader.description(metadata);
        payload = reader.creation_payload(metadata);
    }
    let mut logical = None;
    if let Some(config) = config {
        reader.unknown_keys(config, "config.", &["version", "logicalId"]);
        logical = reader.logical_id(config);
    }
    if reader.failed {
        return None;
    }
    let (logical_id, span) = logical.unwrap_or((Uuid::nil(), whole));
    Some(Platform {
        key: ItemKey::new(item_type?, name?),
        description,
        creation_payload: payload,
        logical_id: (!logical_id.is_nil()).then_some(logical_id),
        logical_id_line: Place::at_offset(path, text, span.start).line.unwrap_or(1),
    })
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    diagnostics: &'a mut Diagnostics,
    failed: bool,
}

impl Reader<'_> {
    fn place(&self, span: &Range<usize>) -> Place {
        Place::at_offset(self.path, self.text, span.start)
    }

    fn error(&mut self, code: &'static str, span: &Range<usize>, message: String, remedy: &str) {
        self.failed = true;
        let place = self.place(span);
        self.diagnostics.push(Diagnostic::error(code, message).at(place).remedy(remedy));
    }

    fn root(&mut self) -> Option<Node> {
        match layout::read_json(self.text) {
            Ok(root) if matches!(root.value, Value::Object(_)) => Some(root),
            Ok(root) => {
                self.error(
                    "platform-not-json",
                    &root.span,
                    "`.platform` is not a JSON object".to_owned(),
                    "Restore the file as Fabric's Git integration writes it.",
                );
                None
            }
            Err(error) => {
                let mut place = Place::line(self.path, error.line);
                place.column = Some(error.column);
                self.diagnostics.push(
                    Diagnostic::error("platform-not-json", format!("`.platform` is not valid JSON: {}", error.message))
                        .at(place)
                        .remedy("Correct the JSON at this place."),
                );
                None
            }
        }
    }

    fn unknown_keys(&mut self, object: &Node, path: &str, known: &[&str]) {
        for member in object.members() {
            if !known.contains(&member.name.as_str()) {
                let place = self.place(&member.name_span);
                let message = format!("`{path}{}` is not a known key of `.platform`; it has no effect", member.name);
                self.diagnostics.push(
                    Diagnostic::warning("platform-unknown-key", message)
                        .at(place)
                        .remedy(format!("Check the spelling; known keys are {}.", known.join(", "))),
                );
            }
        }
    }

    fn object<'n>(&mut self, root: &'n Node, name: &str, code: &'static str) -> Option<&'n Node> {
        let (node, span) = match root.member(name) {
            Some(member) => (Some(&member.value), member.name_span.clone()),
            None => (None, root.span.clone()),
        };
        match node {
            Some(node) if matches!(node.value, Value::Object(_)) => Some(node),
            _ => {
                let message = format!("`.platform` has no object `{name}`");
                self.error(code, &span, message, "Restore the file as Fabric's Git integration writes it.");
                None
            }
        }
    }

    /// The text of a member, and where to point for it. `Some(None)` where it is absent or null.
    fn text_member<'n>(&mut self, object: &'n Node, name: &str) -> Option<Option<(&'n str, Range<usize>)>> {
        let Some(member) = object.member(name) else { return Some(None) };
        match &member.value.value {
            Value::Null => Some(None),
            Value::String(text) => Some(Some((text, member.value.span.clone()))),
            _ => {
                let message = format!("`{name}` is not a string");
                self.error("platform-wrong-type", &member.value.span, message, "Write a string.");
                None
            }
        }
    }

    fn item_type(&mut self, metadata: &Node) -> Option<String> {
        let (text, span) = self.text_member(metadata, "type")?.unwrap_or(("", metadata.span.clone()));
        if text.is_empty() {
            self.error(
                "platform-missing-type",
                &span,
                "`metadata.type` is missing or empty".to_owned(),
                "Write the item type, such as \"Notebook\".",
            );
            return None;
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            self.error(
                "platform-bad-type",
                &span,
                format!("{text:?} is not an item type"),
                "Write the type as Fabric spells it: letters and digits only.",
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn name(&mut self, metadata: &Node) -> Option<String> {
        let (text, span) = self.text_member(metadata, "displayName")?.unwrap_or(("", metadata.span.clone()));
        if text.trim().is_empty() {
            self.error(
                "platform-missing-name",
                &span,
                "`metadata.displayName` is missing or empty".to_owned(),
                "Write the item's display name.",
            );
            return None;
        }
        let length = text.chars().count();
        if length > MAX_NAME {
            self.error(
                "name-too-long",
                &span,
                format!("the display name has {length} characters; Fabric allows {MAX_NAME}"),
                "Choose a shorter name.",
            );
            return None;
        }
        Some(text.to_owned())
    }

    fn description(&mut self, metadata: &Node) -> Option<String> {
        let (text, span) = self.text_member(metadata, "description")??;
        let length = text.chars().count();
        if length > MAX_DESCRIPTION {
            self.error(
                "description-too-long",
                &span,
                format!("the description has {length} characters; Fabric allows {MAX_DESCRIPTION}"),
                "Shorten the description.",
            );
        }
        Some(text.to_owned())
    }

    fn creation_payload(&mut self, metadata: &Node) -> Option<serde_json::Value> {
        let member = metadata.member("creationPayload")?;
        match &member.value.value {
            Value::Null => None,
            Value::Object(_) => serde_json::from_str(self.text.get(member.value.span.clone())?).ok(),
            _ => {
                self.error(
                    "platform-wrong-type",
                    &member.value.span,
                    "`creationPayload` is not an object".to_owned(),
                    "Write an object, such as {\"collationType\": \"Latin1_General_100_CI_AS_KS_WS_SC_UTF8\"}.",
                );
                None
            }
        }
    }

    fn logical_id(&mut self, config: &Node) -> Option<(Uuid, Range<usize>)> {
        let remedy = "Write a GUID that no other item of this folder has.";
        let (text, span) = self.text_member(config, "logicalId")?.unwrap_or(("", config.span.clone()));
        if text.is_empty() {
            let message = "`config.logicalId` is missing or empty".to_owned();
            self.error("logical-id-missing", &span, message, remedy);
            return None;
        }
        match Uuid::try_parse(text) {
            Ok(id) if text.len() == 36 => Some((id, span)),
            _ => {
                self.error("logical-id-malformed", &span, format!("{text:?} is not a GUID"), remedy);
                None
            }
        }
    }
}
