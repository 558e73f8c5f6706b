//! Microsoft Graph, as far as it tells who somebody is: names to object ids.

mod answer;
mod batch;
mod question;

use std::collections::BTreeSet;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use http::Method;
use uuid::Uuid;

use crate::call::{CallMetadata, Route, Safety};
use crate::client::Client;
use crate::error::{ApiError, Error};
use answer::{Page, found};

/// The scope of tokens for Graph in the public cloud.
pub const GRAPH_SCOPE: &str = "https://graph.microsoft.com/.default";

/// The most questions that Graph takes in one batch.
const BATCH: usize = 20;

/// How many batches are under way at once.
const BATCHES_UNDER_WAY: usize = 4;

/// The most pages of one answer: a name that so many have is not one to give a role to.
const PAGES: usize = 50;

/// Somebody by a name that people know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PrincipalName {
    /// A user's user principal name or mail address; for a guest that is the address it was invited by.
    User(String),
    /// A group's display name or mail address.
    Group(String),
    /// A service principal's display name, or the application (client) id.
    ServicePrincipal(String),
}

impl PrincipalName {
    /// The name.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Group(name) | Self::ServicePrincipal(name) => name,
        }
    }

    /// What is looked for, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Group(_) => "group",
            Self::ServicePrincipal(_) => "service principal",
        }
    }

    /// The permission of Graph that the look-up needs, the least of those that do.
    pub fn permission(&self) -> &'static str {
        match self {
            Self::User(_) => "User.Read.All",
            Self::Group(_) => "Group.Read.All",
            Self::ServicePrincipal(_) => "Application.Read.All",
        }
    }
}

/// Somebody in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DirectoryObject {
    /// The object id, to which roles are given.
    pub id: Uuid,
    /// The display name.
    pub display_name: Option<String>,
    /// What tells two of one name apart: user principal name, mail address or application id.
    pub known_as: Option<String>,
}

/// Why a name has no object id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unresolved {
    /// Nobody has this name.
    #[error("nobody has this name")]
    NotFound,
    /// Several have it. None of them is taken.
    #[error("{} have this name", .0.len())]
    Ambiguous(Vec<DirectoryObject>),
    /// The caller may not look it up.
    #[error("the look-up needs the permission {permission} of Microsoft Graph, with an administrator's consent")]
    Denied {
        /// The permission to ask for.
        permission: &'static str,
    },
}

/// Microsoft Graph. It asks in batches of twenty, follows every page, and never takes the first of several.
#[derive(Debug, Clone)]
pub struct Graph {
    client: Client,
}

impl Graph {
    /// Graph through this client, whose endpoint and scope must be Graph's: tokens for Graph go to Graph alone.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// What becomes of each name, in the names' order.
    ///
    /// # Errors
    /// An [`Error`] where Graph gave no answer about some of them. What an answer says of one name, even that it may
    /// not be looked up, is that name's outcome.
    pub async fn resolve(&self, names: &[PrincipalName]) -> Result<Vec<Result<DirectoryObject, Unresolved>>, Error> {
        let batches = stream::iter(names.chunks(BATCH).map(|chunk| self.resolve_batch(chunk)));
        let outcomes: Vec<Vec<_>> = batches.buffered(BATCHES_UNDER_WAY).try_collect().await?;
        Ok(outcomes.into_iter().flatten().collect())
    }

    async fn resolve_batch(&self, names: &[PrincipalName]) -> Result<Vec<Result<DirectoryObject, Unresolved>>, Error> {
        let mut first = if names.len() > 1 { self.ask_together(names).await? } else { vec![None] };
        first.resize_with(names.len(), || None);
        let mut outcomes = Vec::with_capacity(names.len());
        for (name, first) in names.iter().zip(first) {
            // What the batch did not answer is asked for by itself, so that the layers of the HTTP client deal with it.
            let first = match first {
                Some(answered) => answered,
                None => self.ask(question::route_of(name), &question::of(name)).await.map_err(Box::new),
            };
            outcomes.push(self.outcome(name, first).await?);
        }
        Ok(outcomes)
    }

    /// What the first page and those behind it say of a name.
    async fn outcome(
        &self,
        name: &PrincipalName,
        first: Result<Page, Box<Error>>,
    ) -> Result<Result<DirectoryObject, Unresolved>, Error> {
        let mut page = match first {
            Ok(page) => page,
            Err(error) => return refused(name, *error),
        };
        let mut matches: Vec<DirectoryObject> = Vec::new();
        let mut pages = 1;
        loop {
            matches.extend(found(&page));
            let Some(next) = page.next() else { break };
            if pages == PAGES {
                let reason = format!("the answer has more than {PAGES} pages");
                return Err(Error::InvalidRequest { operation: question::route_of(name).metadata.operation, reason });
            }
            pages += 1;
            let path = question::path_of_next(self.client.endpoint(), next).map_err(|reason| {
                Error::InvalidRequest { operation: question::route_of(name).metadata.operation, reason }
            })?;
            page = match self.ask(question::route_of(name), &path).await {
                Ok(page) => page,
                Err(error) => return refused(name, error),
            };
        }
        let mut seen = BTreeSet::new();
        matches.retain(|found| seen.insert(found.id));
        Ok(match matches.len() {
            0 => Err(Unresolved::NotFound),
            1 => Ok(matches.remove(0)),
            _ => Err(Unresolved::Ambiguous(matches)),
        })
    }

    /// One page. `path` is encoded already.
    async fn ask(&self, route: &'static Route, path: &str) -> Result<Page, Error> {
        let mut call = route.call(&[]);
        path.clone_into(&mut call.path);
        self.client.send(&call).await?.json()
    }
}

/// An answer that refuses: about this name, or about everything.
fn refused(name: &PrincipalName, error: Error) -> Result<Result<DirectoryObject, Unresolved>, Error> {
    match error.api().map(|api: &ApiError| (api.status, api.error_code.as_deref())) {
        Some((403, _)) => Ok(Err(Unresolved::Denied { permission: name.permission() })),
        Some((404, Some("Request_ResourceNotFound"))) => Ok(Err(Unresolved::NotFound)),
        _ => Err(error),
    }
}

const fn route(method: Method, operation: &'static str, api_class: &'static str, url_template: &'static str) -> Route {
    Route { method, metadata: CallMetadata { operation, api_class, safety: Safety::Read, url_template } }
}
