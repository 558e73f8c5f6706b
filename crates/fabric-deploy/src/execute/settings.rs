//! Steps that follow an item's own change: publishing an environment, choosing a value set.

use fabric_client::PublishState;

use super::StepError;
use super::known::Known;
use crate::desired::ItemKey;

pub(crate) async fn publish(known: &Known, key: &ItemKey) -> Result<Option<String>, StepError> {
    let id = known.item(key)?;
    let environments = known.workspace().environments();
    environments.publish(id).await?;
    match environments.state(id).await?.publish_details.state {
        Some(state @ (PublishState::Failed | PublishState::Cancelled)) => Err(StepError::Publish { state }),
        _ => Ok(Some(id.to_string())),
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
