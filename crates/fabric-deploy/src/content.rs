//! Definition content that may still refer to things whose ids the server will choose.
//!
//! A part is read from a file as bytes. Where the bytes name another item by its `logicalId`, or a parameter puts in
//! `$items.Lakehouse.Bronze.$id`, the id is not known before that item exists. Such a place is a [`Reference`]; the
//! rest are literal bytes. [`Content::resolve`] turns the whole into bytes once every reference has a value.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::desired::ItemKey;
use crate::secret::{Encoding, SecretReference};

/// What a name may not hold in a part of a URL: all that RFC 3986 does not call unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An attribute of a deployed item that content may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// The item's object id.
    Id,
    /// The connection string of the item's SQL endpoint.
    SqlEndpoint,
    /// The object id of the item's SQL endpoint.
    SqlEndpointId,
    /// The query-service URI of an eventhouse.
    QueryServiceUri,
}

/// The workspace that a reference looks into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceRef {
    /// The workspace that is being deployed.
    Target,
    /// Another workspace, by its exact display name.
    Named(String),
}

/// How the name of a workspace is written into the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NameEncoding {
    /// As it is.
    Plain,
    /// With everything but letters, digits, `-`, `.`, `_` and `~` as `%XX`.
    Url,
    /// With the escapes of a JSON string, in whose quotes it stands.
    Json,
}

impl NameEncoding {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Url, Self::Json];

    fn encode(self, name: &str) -> String {
        match self {
            Self::Plain => name.to_owned(),
            Self::Url => utf8_percent_encode(name, ENCODED).to_string(),
            Self::Json => {
                let quoted = serde_json::Value::from(name).to_string();
                quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
            }
        }
    }
}

/// Something whose value is not in the files: the server decides it, or a store of secrets holds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// A workspace's object id.
    WorkspaceId(WorkspaceRef),
    /// The display name of the workspace that is being deployed.
    WorkspaceName {
        /// How it is written there.
        encoding: NameEncoding,
    },
    /// An attribute of an item.
    Item {
        /// Where the item lives.
        workspace: WorkspaceRef,
        /// Which item.
        key: ItemKey,
        /// What is asked of it.
        attribute: Attribute,
    },
    /// A secret. Its value is only ever in what is sent.
    Secret(SecretReference),
    /// The id of a Spark pool that the deployed workspace may use.
    SparkPool {
        /// Whose it is: `Workspace` or `Capacity`.
        pool_type: String,
        /// Its name.
        name: String,
    },
}

impl Reference {
    /// The object id of an item of the workspace that is being deployed.
    pub fn item_id(key: ItemKey) -> Self {
        Self::Item { workspace: WorkspaceRef::Target, key, attribute: Attribute::Id }
    }

    /// The value where this is the name of the deployed workspace and that is `name`.
    pub fn workspace_name(&self, name: &str) -> Option<String> {
        match self {
            Self::WorkspaceName { encoding } => Some(encoding.encode(name)),
            _ => None,
        }
    }

    /// Whether the value is a name that people chose, in any spelling.
    pub(crate) fn is_name(&self) -> bool {
        matches!(self, Self::WorkspaceName { .. })
    }

    /// The same value, for a place inside the quotes of a JSON string.
    pub(crate) fn in_quotes(&self) -> Self {
        match self {
            Self::WorkspaceName { encoding: NameEncoding::Plain } => {
                Self::WorkspaceName { encoding: NameEncoding::Json }
            }
            Self::Secret(secret) => Self::Secret(SecretReference { encoding: Encoding::Json, ..secret.clone() }),
            other => other.clone(),
        }
    }

    /// The item of the deployed workspace that this refers to.
    pub(crate) fn target_item(&self) -> Option<&ItemKey> {
        match self {
            Self::Item { workspace: WorkspaceRef::Target, key, .. } => Some(key),
            _ => None,
        }
    }
}

/// A run of content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Bytes as they are.
    Literal(Vec<u8>),
    /// The value of a reference.
    Reference(Reference),
}

/// The bytes of a part, with holes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content(Vec<Segment>);

impl Content {
    /// Content without references.
    pub fn literal(bytes: impl Into<Vec<u8>>) -> Self {
        Self(vec![Segment::Literal(bytes.into())])
    }

    /// Content of these runs.
    pub(crate) fn from_segments(segments: Vec<Segment>) -> Self {
        Self(segments)
    }

    /// The runs.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Every reference, each once.
    pub fn references(&self) -> BTreeSet<&Reference> {
        self.0
            .iter()
            .filter_map(|segment| match segment {
                Segment::Reference(reference) => Some(reference),
                Segment::Literal(_) => None,
            })
            .collect()
    }

    /// Every secret, each once.
    pub fn secrets(&self) -> BTreeSet<&SecretReference> {
        self.0
            .iter()
            .filter_map(|segment| match segment {
                Segment::Reference(Reference::Secret(secret)) => Some(secret),
                _ => None,
            })
            .collect()
    }

    /// The bytes, with each reference replaced by what `value` says; the first reference without a value otherwise.
    pub fn resolve<'a>(
        &'a self,
        mut value: impl FnMut(&Reference) -> Option<String>,
    ) -> Result<Cow<'a, [u8]>, &'a Reference> {
        if let [Segment::Literal(bytes)] = self.0.as_slice() {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut resolved = Vec::new();
        for segment in &self.0 {
            match segment {
                Segment::Literal(bytes) => resolved.extend_from_slice(bytes),
                Segment::Reference(reference) => match value(reference) {
                    Some(text) => resolved.extend_from_slice(text.as_bytes()),
                    None => return Err(reference),
                },
            }
        }
        Ok(Cow::Owned(resolved))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workspace = match self {
            Self::WorkspaceId(workspace) | Self::Item { workspace, .. } => workspace,
            Self::Secret(secret) => return secret.fmt(f),
            Self::WorkspaceName { encoding: NameEncoding::Url } => return f.write_str("$workspace.$name_encoded"),
            Self::WorkspaceName { .. } => return f.write_str("$workspace.$name"),
            Self::SparkPool { pool_type, name } => return write!(f, "the Spark pool {name:?} of the {pool_type}"),
        };
        f.write_str("$workspace")?;
        if let WorkspaceRef::Named(name) = workspace {
            write!(f, ".{name}")?;
        }
        match self {
            Self::Secret(_) | Self::SparkPool { .. } | Self::WorkspaceName { .. } => Ok(()),
            Self::WorkspaceId(_) => f.write_str(".$id"),
            Self::Item { key, attribute, .. } => {
                let attribute = match attribute {
                    Attribute::Id => "id",
                    Attribute::SqlEndpoint => "sqlendpoint",
                    Attribute::SqlEndpointId => "sqlendpointid",
                    Attribute::QueryServiceUri => "queryserviceuri",
                };
                write!(f, ".$items.{}.{}.${attribute}", key.item_type, key.name)
            }
        }
    }
}
