//! One request as a handler sees it.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::clock::{Moment, micros};
use crate::faults::OperationFault;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::route::{Parameters, Route};
use crate::settings::Settings;
use crate::token::Caller;
use crate::world::World;
use crate::world::entities::{Item, Role, Workspace};

/// What carries a request out. It changes the world only once nothing can refuse the request any more.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Reply, Refusal>;

/// A request, and the world it is made in.
pub(crate) struct Call<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) settings: &'a Settings,
    pub(crate) now: Moment,
    pub(crate) caller: Caller,
    pub(crate) route: &'static Route,
    pub(crate) parameters: Parameters,
    pub(crate) query: Query,
    pub(crate) path: String,
    /// Scheme and host that the caller used.
    pub(crate) origin: String,
    pub(crate) body: Bytes,
    /// What shall befall the operation this request starts.
    pub(crate) fault: Option<OperationFault>,
}

/// The query of a request; names in any case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: Option<&str>) -> Self {
        let decode = |text: &str| crate::route::decode_percent(&text.replace('+', " "));
        let pairs = text.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn flag(&self, name: &str, otherwise: bool) -> bool {
        self.get(name).map_or(otherwise, |value| value.eq_ignore_ascii_case("true"))
    }

    /// The query without the continuation token, as written in a `continuationUri`.
    pub(crate) fn without_token(&self) -> String {
        self.without("continuationToken")
    }

    /// Names and values in the order of the query.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The query without one of its parameters, ending in `&` where anything is left.
    pub(crate) fn without(&self, unwanted: &str) -> String {
        let kept = self.0.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(unwanted));
        kept.map(|(name, value)| format!("{}={}&", encode(name), encode(value))).collect()
    }
}

fn encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

impl Call<'_> {
    pub(crate) fn workspace_id(&self) -> Uuid {
        self.parameters.id("workspaceId")
    }

    /// The id behind the workspace's: of the item in item routes, whatever the parameter is called.
    pub(crate) fn item_id(&self) -> Uuid {
        self.parameters.id_at(1)
    }

    pub(crate) fn workspace(&self) -> Result<&Workspace, Refusal> {
        let id = self.workspace_id();
        self.world.workspaces.get(id).ok_or_else(|| {
            Refusal::not_found("WorkspaceNotFound", "The requested workspace could not be found").about(id, "Workspace")
        })
    }

    /// The item of the path; of the route's type, where it has one.
    pub(crate) fn item(&self) -> Result<&Item, Refusal> {
        let id = self.item_id();
        self.world
            .item_of(self.workspace_id(), id, self.now)
            .filter(|item| self.route.item_type.is_none_or(|wanted| wanted.name == item.item_type))
            .ok_or_else(|| item_not_found(id))
    }

    /// The item of the path, for changing.
    pub(crate) fn item_mut(&mut self) -> Result<&mut Item, Refusal> {
        let id = self.item()?.id;
        self.world.items.edit(id).ok_or_else(|| item_not_found(id))
    }

    pub(crate) fn require(&self, role: Role) -> Result<(), Refusal> {
        let held = self.world.role_of(self.workspace()?, self.caller.id);
        if held.is_some_and(|held| held >= role) { Ok(()) } else { Err(Refusal::insufficient_privileges()) }
    }

    /// The body, read as JSON of the expected shape.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.body).map_err(|error| Refusal::body(error.to_string()))
    }

    /// The body, or the default where there is none.
    pub(crate) fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Refusal> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(T::default());
        }
        let value: Value = self.json()?;
        if value.is_null() {
            return Ok(T::default());
        }
        serde_json::from_value(value).map_err(|error| Refusal::body(error.to_string()))
    }

    /// `?beta=true`, which some operations insist on.
    pub(crate) fn require_beta(&self) -> Result<(), Refusal> {
        if self.query.flag("beta", false) || self.query.flag("preview", false) {
            Ok(())
        } else {
            Err(Refusal::parameter("beta"))
        }
    }

    /// When something that takes the given time from now is ready.
    pub(crate) fn later(&self, duration: std::time::Duration) -> Moment {
        self.now.saturating_add(micros(duration))
    }
}

pub(crate) fn item_not_found(id: Uuid) -> Refusal {
    Refusal::not_found("ItemNotFound", "The requested item could not be found").about(id, "Item")
}
