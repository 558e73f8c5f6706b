//! Steps that follow an item's own change: publishing an environment, choosing a value set.

use super::StepError;
use super::known::Known;
use crate::desired::ItemKey;

pub(super) async fn publish(known: &Known<'_>, key: &ItemKey) -> Result<Option<String>, StepError> {
    let id = known.item(key)?;
    let environments = known.workspace().environments();
    environments.publish(id).await?;
    let state = environments.state(id).await?;
    if state.is_failed() || state.is_cancelled() {
        return Err(StepError::Publish { state: state.to_string() });
    }
    Ok(Some(id.to_string()))
}

pub(super) async fn set_active_value_set(
    known: &Known<'_>,
    key: &ItemKey,
    value_set: Option<&str>,
) -> Result<Option<String>, StepError> {
    let id = known.item(key)?;
    if let Some(value_set) = value_set {
        known.workspace().variable_libraries().set_active_value_set(id, value_set).await?;
    }
    Ok(Some(id.to_string()))
}
