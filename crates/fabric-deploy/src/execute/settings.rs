//! Steps that follow an item's own change: publishing an environment, choosing a value set.

use std::time::Duration;

use fabric_client::{Error, PublishState};
use uuid::Uuid;

use super::StepError;
use super::create::UNSTATED_PAUSE;
use super::known::Known;
use crate::desired::ItemKey;

/// How often a publish that is under way is asked for.
const PUBLISH_PAUSE: Duration = Duration::from_secs(2);

pub(crate) async fn publish(known: &Known, key: &ItemKey) -> Result<Option<String>, StepError> {
    let id = known.item(key)?;
    let state = publish_until_sure(known, id).await?;
    match state {
        Some(state @ (PublishState::Failed | PublishState::Cancelled)) => Err(StepError::Publish { state }),
        _ => Ok(Some(id.to_string())),
    }
}

/// Publishes, and gives how it ended. A publish without an answer that is found under way is waited for; one that is
/// not may be sent again: publishing twice does no harm, publishing while another publish runs is refused.
async fn publish_until_sure(known: &Known, id: Uuid) -> Result<Option<PublishState>, StepError> {
    let environments = known.workspace().environments();
    let mut in_doubt = false;
    let mut attempt = 1;
    loop {
        let error = match environments.publish(id).await {
            Ok(()) => return Ok(environments.state(id).await?.publish_details.state),
            Err(error) => error,
        };
        let runs_already = in_doubt && error.error_code() == Some("InvalidEnvironmentPublish");
        if !error.is_ambiguous() && !runs_already {
            return Err(error.into());
        }
        in_doubt = true;
        match publish_under_way(known, id).await {
            Ok(Some(ended)) => return Ok(Some(ended)),
            Ok(None) if attempt < known.limits.creates.attempts => {
                let pause = error.api().and_then(|api| api.retry_after).unwrap_or(UNSTATED_PAUSE);
                tracing::info!(%error, attempt, "a publish without an answer is not under way, and is sent again");
                tokio::time::sleep(pause).await;
                attempt += 1;
            }
            Ok(None) => return Err(error.into()),
            Err(lookup) => return Err(StepError::Unresolved { create: Box::new(error), lookup: Box::new(lookup) }),
        }
    }
}

/// Waits for the publish that is under way, if there is one, and gives how it ended.
pub(crate) async fn publish_under_way(known: &Known, id: Uuid) -> Result<Option<PublishState>, Error> {
    let mut was_under_way = false;
    loop {
        let state = known.workspace().environments().state(id).await?.publish_details.state;
        match state {
            Some(PublishState::Running | PublishState::Waiting | PublishState::Cancelling) => {
                was_under_way = true;
                tokio::time::sleep(PUBLISH_PAUSE).await;
            }
            ended => return Ok(ended.filter(|_| was_under_way)),
        }
    }
}

pub(super) async fn set_active_value_set(
    known: &Known,
    key: &ItemKey,
    value_set: Option<&str>,
) -> Result<Option<String>, StepError> {
    let id = known.item(key)?;
    if let Some(value_set) = value_set {
        known.workspace().variable_libraries().set_active_value_set(id, value_set).await?;
    }
    Ok(Some(id.to_string()))
}
