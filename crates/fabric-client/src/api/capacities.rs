//! All capacities.

use crate::client::Client;
use crate::error::Error;
use crate::model::Capacity;
use crate::routes;

/// All capacities that the caller may see.
#[derive(Debug, Clone)]
pub struct Capacities {
    client: Client,
}

impl Capacities {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Every capacity.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list(&self) -> Result<Vec<Capacity>, Error> {
        self.client.list(routes::LIST_CAPACITIES.call(&[])).await
    }
}
