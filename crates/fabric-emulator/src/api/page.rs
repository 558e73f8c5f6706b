//! Lists, whole or page by page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;

/// Answers with the page of a list that the request asks for.
///
/// `entries` yields each entry with its id, in order of ids, behind the given one. The token names the last entry
/// of the page before, so that entries that come or go meanwhile neither repeat nor hide others.
pub(crate) fn reply<'w, I, F>(call: &'w Call<'_>, entries: F) -> Result<Reply, Refusal>
where
    F: FnOnce(Option<Uuid>) -> I,
    I: Iterator<Item = (Uuid, Value)> + 'w,
{
    let after = call.query.get("continuationToken").map(read_token).transpose()?;
    let mut entries = entries(after);
    let Some(size) = call.settings.page_size.filter(|size| *size > 0) else {
        let value: Vec<Value> = entries.map(|(_, entry)| entry).collect();
        return Ok(Reply::ok(json!({ "value": value })));
    };
    let page: Vec<(Uuid, Value)> = entries.by_ref().take(size).collect();
    let last = page.last().map(|(id, _)| *id).filter(|_| entries.next().is_some());
    let value: Vec<Value> = page.into_iter().map(|(_, entry)| entry).collect();
    let mut body = Map::new();
    body.insert("value".to_owned(), Value::Array(value));
    if let Some(last) = last {
        let token = URL_SAFE_NO_PAD.encode(last.as_bytes());
        let uri = format!("{}{}?{}continuationToken={token}", call.origin, call.path, call.query.without_token());
        body.insert("continuationToken".to_owned(), json!(token));
        body.insert("continuationUri".to_owned(), json!(uri));
    }
    Ok(Reply::ok(Value::Object(body)))
}

fn read_token(token: &str) -> Result<Uuid, Refusal> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| Uuid::from_slice(&bytes).ok())
        .ok_or_else(|| Refusal::bad("InvalidContinuationToken", "The continuation token is invalid or has expired"))
}

/// Entries that are not in a table of their own, ordered by id as [`reply`] wants them.
pub(crate) fn ordered(mut entries: Vec<(Uuid, Value)>, after: Option<Uuid>) -> std::vec::IntoIter<(Uuid, Value)> {
    entries.sort_by_key(|(id, _)| *id);
    entries.retain(|(id, _)| after.is_none_or(|after| *id > after));
    entries.into_iter()
}
