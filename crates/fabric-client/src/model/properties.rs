//! What only some item types have.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::open_enum;
use super::tolerant::{optional_id, or_default};
use crate::call::Route;
use crate::routes;

/// The properties of one item type, read from the type's own collection. Sealed.
pub trait ItemProperties: DeserializeOwned + Default + Send + sealed::Typed {}

pub(crate) mod sealed {
    pub trait Typed {
        const ROUTE: &'static crate::call::Route;
    }
}

/// An item with its properties.
#[derive(Deserialize)]
#[serde(bound(deserialize = "P: Deserialize<'de> + Default"))]
pub(crate) struct Typed<P> {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) properties: P,
}

macro_rules! read_from {
    ($($properties:ident = $route:ident;)*) => {$(
        impl ItemProperties for $properties {}

        impl sealed::Typed for $properties {
            const ROUTE: &'static Route = &routes::$route;
        }
    )*};
}

read_from! {
    LakehouseProperties = GET_LAKEHOUSE;
    WarehouseProperties = GET_WAREHOUSE;
    EventhouseProperties = GET_EVENTHOUSE;
    KqlDatabaseProperties = GET_KQL_DATABASE;
    SqlDatabaseProperties = GET_SQL_DATABASE;
    EnvironmentProperties = GET_ENVIRONMENT;
    VariableLibraryProperties = GET_VARIABLE_LIBRARY;
}

open_enum! {
    /// How far the SQL endpoint of a lakehouse has come.
    pub enum SqlEndpointStatus {
        /// It is being made; it has no id yet.
        InProgress,
        /// It is there.
        Success,
        /// It could not be made.
        Failed,
    }
}

/// The SQL endpoint of a lakehouse. It appears seconds after the lakehouse.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SqlEndpointProperties {
    /// Its id, once there is one.
    #[serde(default, deserialize_with = "optional_id")]
    pub id: Option<Uuid>,
    /// Its connection string, once there is one.
    pub connection_string: Option<String>,
    /// How far it has come.
    pub provisioning_status: Option<SqlEndpointStatus>,
}

/// What a lakehouse has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LakehouseProperties {
    /// Where its tables are.
    pub one_lake_tables_path: Option<String>,
    /// Where its files are.
    pub one_lake_files_path: Option<String>,
    /// Its SQL endpoint.
    pub sql_endpoint_properties: Option<SqlEndpointProperties>,
    /// The schema of tables without one; only where schemas are on.
    pub default_schema: Option<String>,
}

/// What a warehouse has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WarehouseProperties {
    /// Its SQL connection string.
    pub connection_string: Option<String>,
    /// How its texts compare.
    pub collation_type: Option<String>,
    /// When it was created: usually written without a zone.
    pub created_date: Option<String>,
    /// When it last changed.
    pub last_updated_time: Option<String>,
}

/// What an eventhouse has.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EventhouseProperties {
    /// Where it is queried.
    pub query_service_uri: Option<String>,
    /// Where data is sent to.
    pub ingestion_service_uri: Option<String>,
    /// Its databases; one is made with it.
    #[serde(deserialize_with = "or_default")]
    pub databases_item_ids: Vec<Uuid>,
    /// The capacity that it always keeps, in units.
    pub minimum_consumption_units: Option<f64>,
}

/// What a KQL database has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct KqlDatabaseProperties {
    /// The eventhouse that holds it.
    #[serde(deserialize_with = "optional_id")]
    pub parent_eventhouse_item_id: Option<Uuid>,
    /// Where it is queried.
    pub query_service_uri: Option<String>,
    /// Where data is sent to.
    pub ingestion_service_uri: Option<String>,
    /// What it is, such as `ReadWrite`.
    pub database_type: Option<String>,
}

/// What a SQL database has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SqlDatabaseProperties {
    /// Its connection string.
    pub connection_string: Option<String>,
    /// Its name on the server.
    pub database_name: Option<String>,
    /// The server.
    pub server_fqdn: Option<String>,
}

open_enum! {
    /// How the last publication of an environment went.
    pub enum PublishState {
        /// It waits for its turn.
        Waiting,
        /// It runs.
        Running,
        /// It has ended well.
        Success,
        /// It has failed.
        Failed,
        /// It is being cancelled.
        Cancelling,
        /// It was cancelled.
        Cancelled,
    }
}

/// What an environment has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EnvironmentProperties {
    /// Its last publication.
    #[serde(deserialize_with = "or_default")]
    pub publish_details: PublishDetails,
}

/// A publication of an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PublishDetails {
    /// How it went.
    pub state: Option<PublishState>,
    /// The version that it is to make.
    #[serde(deserialize_with = "optional_id")]
    pub target_version: Option<Uuid>,
    /// When it began.
    pub start_time: Option<String>,
    /// When it ended.
    pub end_time: Option<String>,
}

/// What a variable library has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VariableLibraryProperties {
    /// The value set that is in force.
    pub active_value_set_name: Option<String>,
}
