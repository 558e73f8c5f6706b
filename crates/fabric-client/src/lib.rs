//! Microsoft Fabric's REST API, typed.
//!
//! [`Client`] takes a [`reqwest_middleware::ClientWithMiddleware`] and an
//! [`azure_core::credentials::TokenCredential`]. It sends each request once, and once more where the service says that
//! the token has expired and the credential has another ([`RefusedToken`]): retries, breakers, throttling and telemetry
//! are layers of the HTTP client that it is given, and every request carries [`CallMetadata`] for them.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use fabric_client::{Client, Endpoint, NewItem};
//! # async fn example(credential: Arc<dyn azure_core::credentials::TokenCredential>, workspace: uuid::Uuid)
//! #     -> Result<(), Box<dyn std::error::Error>> {
//! let http = Client::http_defaults().build()?;
//! let client = Client::builder(http, credential).build();
//! let notebook = client.workspace(workspace).items().create(&NewItem::new("Notebook", "Ingest")).await?;
//! println!("{}", notebook.id);
//! # Ok(())
//! # }
//! ```
//!
//! What is deliberately missing: retries, caching, a journal, and any knowledge of files or flags.

mod api;
mod authorization;
mod call;
mod client;
mod endpoint;
mod error;
mod excerpt;
mod graph;
mod model;
mod operation;
mod pacing;
mod page;
mod routes;
mod submission;
mod timer;
mod transport;

pub use api::{
    BulkExport, Capacities, Connections, Deletion, Environments, Folders, Git, Items, Jobs, RoleAssignments,
    SemanticModels, Shortcuts, UpdateMetadata, VariableLibraries, WorkspaceHandle, Workspaces,
};
pub use authorization::RefusedToken;
pub use call::{CallMetadata, Route, Safety};
pub use client::{Client, ClientBuilder, FABRIC_SCOPE};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{ApiError, DecodeError, Error, ErrorDetail, RelatedResource};
pub use graph::{DirectoryObject, GRAPH_SCOPE, Graph, PrincipalName, Unresolved};
pub use model::*;
pub use operation::{Operation, OperationHandle, OperationId, OperationState, OperationStatus};
pub use pacing::Pacing;
pub use routes::routes;
pub use submission::{OperationResult, Started, Submission};
pub use timer::{Timer, TokioTimer};

/// The outcome of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
