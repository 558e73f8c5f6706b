//! One request to a service as its handler sees it.

use std::collections::BTreeMap;

use http::header::AUTHORIZATION;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Memory, Service};
use crate::call::Query;
use crate::clock::Moment;
use crate::faults::FaultKind;
use crate::route::Parameters;
use crate::settings::Settings;
use crate::state::Request;
use crate::world::World;

/// A request to a service, and the world it is made in.
pub(crate) struct ServiceCall<'a> {
    pub(crate) request: &'a Request,
    pub(crate) request_id: Uuid,
    pub(crate) parameters: Parameters,
    pub(crate) query: Query,
    pub(crate) now: Moment,
    pub(crate) world: &'a mut World,
    pub(crate) settings: &'a Settings,
    pub(crate) memory: &'a mut Memory,
    /// Where the services listen: scheme, host and port.
    pub(crate) places: &'a BTreeMap<Service, String>,
    /// The fault that befell the request, for a service that knows more of it than others.
    pub(crate) fault: Option<&'a FaultKind>,
    /// Who calls, for the record; a handler says so as soon as it knows.
    pub(crate) principal: Option<Uuid>,
}

impl ServiceCall<'_> {
    /// A header of the request, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The `Authorization` header.
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.header(AUTHORIZATION.as_str())
    }

    /// The body as a form; empty where it is none.
    pub(crate) fn form(&self) -> Query {
        Query::parse(std::str::from_utf8(&self.request.body).ok())
    }

    /// The body as JSON of the expected shape.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.request.body)
    }
}
