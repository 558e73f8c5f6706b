//! The secrets of the tenant's key vault, as plain data.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::table::Entity;
use crate::clock::Moment;

/// A secret with all its versions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct VaultSecret {
    #[serde(default = "Uuid::new_v4")]
    pub(crate) id: Uuid,
    pub(crate) name: String,
    /// The newest last.
    pub(crate) versions: Vec<SecretVersion>,
    /// When it was deleted; it can be recovered until it is purged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deleted: Option<Moment>,
}

impl Entity for VaultSecret {
    const KIND: &'static str = "secret";

    fn id(&self) -> Uuid {
        self.id
    }
}

/// One version of a secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SecretVersion {
    /// 32 hexadecimal digits.
    #[serde(default = "new_version")]
    pub(crate) version: String,
    pub(crate) value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Seconds since 1970: not before, and not after. The vault only keeps them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nbf: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) exp: Option<i64>,
    #[serde(default)]
    pub(crate) created: Moment,
    #[serde(default)]
    pub(crate) updated: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tags: Option<Map<String, Value>>,
}

/// A name for a version.
pub(crate) fn new_version() -> String {
    Uuid::new_v4().simple().to_string()
}

fn yes() -> bool {
    true
}
