//! Lets data sources use connections.

use fabric_client::{ConnectionBinding, ItemConnection};
use uuid::Uuid;

use super::StepError;
use super::known::Known;
use crate::actual::source_of;
use crate::desired::{DataSource, ItemKey};
use crate::plan::Binding;

/// Binds the data source of the item; where the item has no such source, that is an error if it is `required`.
pub(super) async fn bind(
    known: &Known,
    key: &ItemKey,
    connection: Uuid,
    source: &DataSource,
    required: bool,
) -> Result<Option<String>, StepError> {
    let id = known.item(key)?;
    match of_source(known, id, source).await? {
        Some(_) => {
            let connectivity_type = known.connection(connection).and_then(|found| found.connectivity_type.clone());
            set(known, id, source, &Binding { connection: Some(connection), connectivity_type }).await?;
            Ok(Some(id.to_string()))
        }
        None if required => Err(StepError::NoSource(source.clone())),
        None => Ok(Some(id.to_string())),
    }
}

/// Sends the binding.
pub(crate) async fn set(
    known: &Known,
    item: Uuid,
    source: &DataSource,
    to: &Binding,
) -> Result<(), fabric_client::Error> {
    let (connection_type, path) = (source.kind.clone(), source.path.clone());
    let binding = ConnectionBinding {
        id: to.connection,
        connectivity_type: to.connectivity_type.clone(),
        connection_details: fabric_client::DataSource { connection_type, path },
    };
    known.workspace().semantic_models().bind_connection(item, &binding).await
}

/// What the data source of the item uses; `None` where it has no such source.
pub(crate) async fn of_source(
    known: &Known,
    item: Uuid,
    source: &DataSource,
) -> Result<Option<ItemConnection>, fabric_client::Error> {
    let sources = known.workspace().items().connections(item).await?;
    Ok(sources.into_iter().find(|other| source.is(&source_of(&other.connection_details))))
}
