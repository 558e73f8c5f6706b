//! Connections to data outside of Fabric.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::tolerant::{optional_id, or_default};

/// What a connection leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionDetails {
    /// Its kind, such as `SQL` or `GitHubSourceControl`.
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub connection_type: String,
    /// Where it leads.
    pub path: Option<String>,
}

/// A connection. Its credentials are never read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub display_name: Option<String>,
    /// The gateway that it goes through.
    #[serde(default, deserialize_with = "optional_id")]
    pub gateway_id: Option<Uuid>,
    /// How it connects, such as `ShareableCloud`.
    pub connectivity_type: Option<String>,
    /// What it leads to.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_details: ConnectionDetails,
    /// How far its data may mix with others', such as `Organizational`.
    pub privacy_level: Option<String>,
}

/// A connection that an item uses. It has no id where the item connects by itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemConnection {
    /// Its id.
    #[serde(default, deserialize_with = "optional_id")]
    pub id: Option<Uuid>,
    /// Its name.
    pub display_name: Option<String>,
    /// The gateway that it goes through.
    #[serde(default, deserialize_with = "optional_id")]
    pub gateway_id: Option<Uuid>,
    /// How it connects.
    pub connectivity_type: Option<String>,
    /// What it leads to.
    #[serde(default, deserialize_with = "or_default")]
    pub connection_details: ConnectionDetails,
}

/// Which connection a data source of a semantic model uses. Without an id the source connects by itself, or not at all,
/// as the connectivity type says: `Automatic` or `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConnectionBinding {
    /// The connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// How it connects, such as `ShareableCloud`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connectivity_type: Option<String>,
    /// The data source, as the model names it.
    pub connection_details: DataSource,
}

/// A data source of a semantic model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataSource {
    /// Its kind, such as `SQL`.
    #[serde(rename = "type")]
    pub connection_type: String,
    /// Where it is.
    pub path: String,
}

/// The body of a binding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BindingRequest<'a> {
    pub(crate) connection_binding: &'a ConnectionBinding,
}

/// A cloud connection to create, that can be shared.
#[derive(Clone, PartialEq)]
pub struct NewConnection {
    /// Its name, unique in the tenant.
    pub display_name: String,
    /// Its kind, such as `GitHubSourceControl`.
    pub connection_type: String,
    /// How its kind is created, such as `GitHubSourceControl.Contents`.
    pub creation_method: String,
    /// What its creation method wants to know.
    pub parameters: Vec<ConnectionParameter>,
    /// How far its data may mix with others', such as `Organizational`.
    pub privacy_level: Option<String>,
    /// How it signs in: the published `credentialDetails` object, secrets included. Never shown by `Debug`.
    pub credential_details: Value,
}

impl fmt::Debug for NewConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewConnection")
            .field("display_name", &self.display_name)
            .field("connection_type", &self.connection_type)
            .field("creation_method", &self.creation_method)
            .finish_non_exhaustive()
    }
}

/// One parameter of a connection's creation method. All of them are texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionParameter {
    /// Its name, such as `url`.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Serialize for NewConnection {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire<'a> {
            connectivity_type: &'static str,
            display_name: &'a str,
            connection_details: Details<'a>,
            #[serde(skip_serializing_if = "Option::is_none")]
            privacy_level: Option<&'a str>,
            credential_details: &'a Value,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Details<'a> {
            #[serde(rename = "type")]
            connection_type: &'a str,
            creation_method: &'a str,
            parameters: Vec<Parameter<'a>>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Parameter<'a> {
            data_type: &'static str,
            name: &'a str,
            value: &'a str,
        }
        let parameters = self.parameters.iter();
        Wire {
            connectivity_type: "ShareableCloud",
            display_name: &self.display_name,
            connection_details: Details {
                connection_type: &self.connection_type,
                creation_method: &self.creation_method,
                parameters: parameters
                    .map(|parameter| Parameter { data_type: "Text", name: &parameter.name, value: &parameter.value })
                    .collect(),
            },
            privacy_level: self.privacy_level.as_deref(),
            credential_details: &self.credential_details,
        }
        .serialize(serializer)
    }
}
