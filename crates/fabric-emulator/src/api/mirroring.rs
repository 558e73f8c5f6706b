//! Mirrored databases: started, stopped, watched. Nothing is mirrored, so there are no tables.

use serde_json::json;

use crate::call::Call;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::entities::Mirroring;

pub(crate) fn start(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.item_mut()?.mirroring = Some(Mirroring::Running);
    Ok(Reply::done())
}

pub(crate) fn stop(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.item_mut()?.mirroring = Some(Mirroring::Stopped);
    Ok(Reply::done())
}

pub(crate) fn status(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let item = call.item()?;
    let status = match item.mirroring {
        Some(Mirroring::Running) => "Running",
        Some(Mirroring::Stopped) => "Stopped",
        None if call.now < item.ready_from => "Initializing",
        None => "Initialized",
    };
    Ok(Reply::ok(json!({ "status": status })))
}

/// Unlike other lists, this one says `null` where there is no further page.
pub(crate) fn tables(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    call.item()?;
    Ok(Reply::ok(json!({"continuationToken": null, "continuationUri": null, "data": []})))
}
