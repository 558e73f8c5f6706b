//! Users, groups and service principals: one by its id, and lists.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::access::{Permissions, permissions};
use super::options;
use super::wording::{bad, stamped};
use crate::call::Query;
use crate::services::{Refused, ServiceCall, ServiceReply};
use crate::world::entities::{Principal, PrincipalKind};

/// A question, however it was brought.
pub(super) struct Question<'q> {
    pub(super) path: &'q str,
    pub(super) query: &'q Query,
    pub(super) eventual: bool,
}

/// `GET /v1.0/users` and the like.
pub(super) fn list(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    respond(call)
}

/// `GET /v1.0/users/{id}` and the like.
pub(super) fn get(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    respond(call)
}

fn respond(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    let permissions = permissions(call)?;
    let query = call.query.clone();
    let eventual = call.header("consistencylevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
    let path = call.request.path.strip_prefix("/v1.0").unwrap_or_default();
    let body = answer(call, &permissions, &Question { path, query: &query, eventual })?;
    Ok(stamped(ServiceReply::ok(&body), call))
}

/// Answers a question about `/users`, `/groups` or `/servicePrincipals`.
pub(super) fn answer(
    call: &ServiceCall<'_>,
    permissions: &Permissions,
    question: &Question<'_>,
) -> Result<Value, Refused> {
    let segments = crate::route::segments(question.path);
    let unknown = || {
        let message = format!("Resource not found for the segment '{}'.", question.path.trim_start_matches('/'));
        bad(message)
    };
    let (collection, id) = match segments.as_slice() {
        [collection] => (collection, None),
        [collection, id] => (collection, Some(id)),
        _ => return Err(unknown()),
    };
    let kind = match collection.as_str() {
        "users" => PrincipalKind::User,
        "groups" => PrincipalKind::Group,
        "servicePrincipals" => PrincipalKind::ServicePrincipal,
        _ => return Err(unknown()),
    };
    permissions.require(kind)?;
    let options = options::read(question.query, kind, question.eventual, call.settings.page_size)?;
    let select = options.select.as_deref();
    let of_kind = || call.world.principals.iter().filter(|known| known.kind == kind);
    if let Some(id) = id {
        let found = of_kind().find(|known| is_named(known, id)).ok_or_else(|| not_found(id))?;
        let mut body = Map::new();
        let context = format!("{}/v1.0/$metadata#{collection}/$entity", call.request.origin);
        body.insert("@odata.context".to_owned(), json!(context));
        body.extend(shown(found, select)?);
        return Ok(Value::Object(body));
    }
    let found: Vec<&Principal> =
        of_kind().filter(|known| options.filter.as_ref().is_none_or(|filter| filter.admits(known))).collect();
    let end = options.start.saturating_add(options.page);
    let mut body = Map::new();
    let context = format!("{}/v1.0/$metadata#{collection}", call.request.origin);
    body.insert("@odata.context".to_owned(), json!(context));
    if options.count {
        body.insert("@odata.count".to_owned(), json!(found.len()));
    }
    if end < found.len() {
        let next = format!(
            "{}/v1.0/{collection}?{}$skiptoken={end}",
            call.request.origin,
            question.query.without("$skiptoken")
        );
        body.insert("@odata.nextLink".to_owned(), json!(next));
    }
    let page = found.into_iter().skip(options.start).take(options.page);
    let page = page.map(|known| shown(known, select).map(Value::Object)).collect::<Result<Vec<_>, _>>()?;
    body.insert("value".to_owned(), Value::Array(page));
    Ok(Value::Object(body))
}

/// By its object id; a user also by the user principal name.
fn is_named(known: &Principal, name: &str) -> bool {
    name.parse() == Ok(known.id)
        || known.user_principal_name.as_ref().is_some_and(|address| address.eq_ignore_ascii_case(name))
}

fn not_found(id: &str) -> Refused {
    let message =
        format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
    Refused::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", message)
}

fn shown(known: &Principal, select: Option<&[String]>) -> Result<Map<String, Value>, Refused> {
    let by_default: &[&str] = match known.kind {
        PrincipalKind::User => &["displayName", "mail", "userPrincipalName", "id"],
        PrincipalKind::Group => &["id", "displayName", "mail", "mailEnabled", "securityEnabled"],
        PrincipalKind::ServicePrincipal => &["id", "appId", "displayName", "servicePrincipalType"],
    };
    let names: Vec<&str> =
        select.map_or_else(|| by_default.to_vec(), |names| names.iter().map(String::as_str).collect());
    names.into_iter().map(|name| Ok((name.to_owned(), property(known, name)?))).collect()
}

fn property(known: &Principal, name: &str) -> Result<Value, Refused> {
    let value = match (known.kind, name) {
        (_, "id") => json!(known.id),
        (_, "displayName") => json!(known.display_name),
        (PrincipalKind::User | PrincipalKind::Group, "mail") => json!(known.mail),
        (PrincipalKind::User, "userPrincipalName") => json!(known.user_principal_name),
        (PrincipalKind::User, "userType") => {
            let is_guest = known.user_principal_name.as_ref().is_some_and(|address| address.contains("#EXT#"));
            json!(if is_guest { "Guest" } else { "Member" })
        }
        (PrincipalKind::Group, "mailEnabled") => json!(known.mail.is_some()),
        (PrincipalKind::Group, "securityEnabled") => json!(true),
        (PrincipalKind::ServicePrincipal, "appId") => json!(known.app_id),
        (PrincipalKind::ServicePrincipal, "servicePrincipalType") => {
            json!(if known.credentials.managed_identity { "ManagedIdentity" } else { "Application" })
        }
        (kind, name) => {
            return Err(bad(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.{kind:?}'."
            )));
        }
    };
    Ok(value)
}
