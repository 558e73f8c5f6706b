//! Lists, page by page. A list names no values.

use serde_json::{Value, json};

use super::access::require;
use super::bundle::{self, current};
use super::wording::{bad, stamped};
use crate::services::{Refused, ServiceCall, ServiceReply};
use crate::world::vault::VaultSecret;

/// The most entries of one page, and as many as it has unless the request says less.
const PAGE: usize = 25;

/// `GET /secrets`
pub(super) fn secrets(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "list")?;
    page(call, by_name(call, |secret| secret.deleted.is_none()))
}

/// `GET /deletedsecrets`
pub(super) fn deleted(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "list")?;
    let now = call.now;
    page(call, by_name(call, |secret| secret.deleted.is_some_and(|at| now < bundle::purged_at(at))))
}

/// `GET /secrets/{name}/versions`: none where there is no such secret.
pub(super) fn versions(call: &mut ServiceCall<'_>) -> Result<ServiceReply, Refused> {
    require(call, "list")?;
    bundle::name(call)?;
    let Ok(secret) = current(call) else { return page(call, Vec::new()) };
    let entries = secret.versions.iter().map(|version| Value::Object(bundle::properties(call, secret, version)));
    page(call, entries.collect())
}

fn by_name(call: &ServiceCall<'_>, is_listed: impl Fn(&VaultSecret) -> bool) -> Vec<Value> {
    let mut listed: Vec<&VaultSecret> = call.world.secrets.iter().filter(|secret| is_listed(secret)).collect();
    listed.sort_by(|left, right| left.name.cmp(&right.name));
    let newest = |secret: &VaultSecret| Some(bundle::entry(call, secret, secret.versions.last()?));
    listed.into_iter().filter_map(newest).collect()
}

fn page(call: &ServiceCall<'_>, entries: Vec<Value>) -> Result<ServiceReply, Refused> {
    let number = |name: &str| call.query.get(name).map(str::parse::<usize>).transpose();
    let asked = number("maxresults").map_err(|_| bad("The parameter maxresults is not a number."))?;
    let start = number("$skiptoken").map_err(|_| bad("The $skiptoken is not one that the vault gave."))?.unwrap_or(0);
    if asked.is_some_and(|entries| !(1..=PAGE).contains(&entries)) {
        return Err(bad(format!("The parameter maxresults is invalid. It must be between 1 and {PAGE}.")));
    }
    let size = asked.or(call.settings.page_size).unwrap_or(PAGE).clamp(1, PAGE);
    let end = start.saturating_add(size);
    let next = (end < entries.len()).then(|| {
        let version = call.query.get("api-version").unwrap_or_default();
        let asked = asked.map(|entries| format!("&maxresults={entries}")).unwrap_or_default();
        format!("{}{}?api-version={version}&$skiptoken={end}{asked}", call.request.origin, call.request.path)
    });
    let shown: Vec<Value> = entries.into_iter().skip(start).take(size).collect();
    Ok(stamped(ServiceReply::ok(&json!({"value": shown, "nextLink": next})), call))
}
