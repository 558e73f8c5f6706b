//! The routes of the Fabric API as data, and how a request finds its own.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use http::Method;
use uuid::Uuid;

use crate::api;
use crate::call::Handler;
use crate::refusal::Refusal;
use crate::types::ItemType;
use crate::world::entities::Role;

/// One operation of the Fabric API that the emulator implements.
#[derive(Debug, Clone)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path as Microsoft publishes it, such as `/v1/workspaces/{workspaceId}/items`.
    pub template: Cow<'static, str>,
    /// What it does. Typed collections share the name of the generic operation: `CreateItem` for `/notebooks` too.
    pub operation: &'static str,
    /// The group of operations that are throttled together, per caller.
    pub api_class: &'static str,
    /// The role in the workspace of the path that a caller needs.
    pub min_role: Option<Role>,
    /// Whether it may change anything.
    pub mutating: bool,
    /// The only item type the route is for.
    pub(crate) item_type: Option<&'static ItemType>,
    pub(crate) handler: Handler,
}

impl Route {
    /// The item type of a typed collection.
    pub fn item_type(&self) -> Option<&'static str> {
        self.item_type.map(|item_type| item_type.name)
    }
}

/// Every route the emulator implements.
pub fn routes() -> &'static [Route] {
    &TABLE.routes
}

struct Table {
    routes: Vec<Route>,
    /// Positions by method and by the path's first fixed part, which decides between almost all routes.
    by_shape: HashMap<(Method, String), Vec<usize>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let routes = api::table::all();
    let mut by_shape: HashMap<(Method, String), Vec<usize>> = HashMap::new();
    for (position, route) in routes.iter().enumerate() {
        by_shape.entry((route.method.clone(), shape(&route.template))).or_default().push(position);
    }
    Table { routes, by_shape }
});

/// The second segment and the fourth, in lower case: `workspaces/items`.
fn shape(path: &str) -> String {
    let mut segments = path.trim_start_matches('/').split('/').skip(1);
    let first = segments.next().unwrap_or_default();
    let third = segments.nth(1).unwrap_or_default();
    let third = if third.starts_with('{') { "" } else { third };
    format!("{first}/{third}").to_ascii_lowercase()
}

/// The values of a path's parameters.
#[derive(Debug, Default, Clone)]
pub(crate) struct Parameters(Vec<(&'static str, String)>);

impl Parameters {
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// The id under the given name; nil where the route has none.
    pub(crate) fn id(&self, name: &str) -> Uuid {
        self.text(name).parse().unwrap_or_default()
    }

    /// The id that stands at the given position among the parameters.
    pub(crate) fn id_at(&self, position: usize) -> Uuid {
        self.0.get(position).and_then(|(_, value)| value.parse().ok()).unwrap_or_default()
    }

    fn check_ids(&self) -> Result<(), Refusal> {
        match self.0.iter().find(|(name, value)| name.ends_with("Id") && value.parse::<Uuid>().is_err()) {
            Some((name, _)) => Err(Refusal::parameter(name)),
            None => Ok(()),
        }
    }
}

/// Finds the route of a request. A path that only an unreadable id keeps from matching is `InvalidParameter`.
pub(crate) fn find(method: &Method, path: &str) -> Result<(&'static Route, Parameters), Refusal> {
    let segments = segments(path);
    let candidates = TABLE.by_shape.get(&(method.clone(), shape(path.trim_end_matches('/'))));
    let mut refusal = Refusal::endpoint_not_found();
    for &position in candidates.into_iter().flatten() {
        let route = &TABLE.routes[position];
        let Some(parameters) = capture(&route.template, &segments) else { continue };
        match parameters.check_ids() {
            Ok(()) => return Ok((route, parameters)),
            Err(unreadable) => refusal = unreadable,
        }
    }
    Err(refusal)
}

/// The parts of a path, each decoded on its own.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.trim_start_matches('/').trim_end_matches('/').split('/').map(decode_percent).collect()
}

/// The parameters of a path that has the form of the template.
pub(crate) fn capture(template: &'static str, segments: &[String]) -> Option<Parameters> {
    let pattern: Vec<&'static str> = template.trim_start_matches('/').split('/').collect();
    // A shortcut's path may itself contain slashes: it takes whatever the other segments leave.
    let surplus = segments.len().checked_sub(pattern.len())?;
    if surplus > 0 && !pattern.contains(&GREEDY) {
        return None;
    }
    let mut parameters = Parameters::default();
    let mut rest = segments;
    for expected in pattern {
        let taken = if expected == GREEDY { 1 + surplus } else { 1 };
        let (here, behind) = rest.split_at_checked(taken)?;
        rest = behind;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => parameters.0.push((name, here.join("/"))),
            None if here.first().is_some_and(|segment| segment.eq_ignore_ascii_case(expected)) => {}
            None => return None,
        }
    }
    Some(parameters)
}

const GREEDY: &str = "{shortcutPath}";

/// Undoes percent-encoding; what is not valid stays as it is.
pub(crate) fn decode_percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        let hex = text.get(position + 1..position + 3).filter(|_| byte == b'%');
        if let Some(value) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(value);
            position += 3;
        } else {
            decoded.push(byte);
            position += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "347a2755-b988-4c18-8fbc-d167a80d71a1";

    #[test]
    fn paths_match_in_any_case() {
        let (route, parameters) = find(&Method::GET, &format!("/V1/Workspaces/{ID}/NoteBooks/{ID}")).unwrap();
        assert_eq!(route.operation, "GetItem");
        assert_eq!(route.item_type(), Some("Notebook"));
        assert_eq!(parameters.id_at(1).to_string(), ID);
    }

    #[test]
    fn an_unreadable_id_is_an_invalid_parameter() {
        let refusal = find(&Method::GET, "/v1/workspaces/nonsense").unwrap_err();
        assert_eq!(refusal.code, "InvalidParameter");
    }

    #[test]
    fn a_shortcut_path_may_have_several_segments() {
        let path = format!("/v1/workspaces/{ID}/items/{ID}/shortcuts/Files/a%20b/c/name");
        let (_, parameters) = find(&Method::GET, &path).unwrap();
        assert_eq!(parameters.text("shortcutPath"), "Files/a b/c");
        assert_eq!(parameters.text("shortcutName"), "name");
    }

    #[test]
    fn unknown_paths_and_methods_have_no_endpoint() {
        for (method, path) in [(Method::GET, "/v1/nonsense"), (Method::PUT, "/v1/workspaces"), (Method::GET, "/")] {
            assert_eq!(find(&method, path).unwrap_err().code, "EndpointNotFound", "{method} {path}");
        }
    }

    #[test]
    fn no_two_routes_are_the_same() {
        let mut seen = std::collections::BTreeSet::new();
        for route in routes() {
            assert!(seen.insert((route.method.to_string(), route.template.to_ascii_lowercase())), "{}", route.template);
        }
    }
}
