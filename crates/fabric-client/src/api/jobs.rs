//! The runs of an item.

use serde_json::Value;
use uuid::Uuid;

use crate::client::Client;
use crate::error::{Error, retry_after};
use crate::model::{JobInstance, StartedJob};
use crate::routes;

/// The runs of an item. They are not long-running operations, though the server answers 202 to them as well.
#[derive(Debug, Clone)]
pub struct Jobs {
    client: Client,
    workspace_id: Uuid,
    item_id: Uuid,
}

impl Jobs {
    pub(crate) fn new(client: Client, workspace_id: Uuid, item_id: Uuid) -> Self {
        Self { client, workspace_id, item_id }
    }

    /// Starts a run, such as `RunNotebook`, with what the type of run wants to know.
    ///
    /// # Errors
    /// Any [`Error`]; an ambiguous one means that it may run.
    pub async fn run(&self, job_type: &str, body: Option<&Value>) -> Result<StartedJob, Error> {
        let call = routes::RUN_JOB.call(&[&self.workspace_id, &self.item_id, &job_type]);
        let call = match body {
            Some(body) => call.json(body),
            None => call,
        };
        let reply = self.client.send(&call).await?;
        let id = reply.header("location").and_then(|location| {
            let (_, id) = location.trim_end_matches('/').rsplit_once('/')?;
            Uuid::parse_str(id).ok()
        });
        Ok(StartedJob { id, retry_after: retry_after(&reply.headers) })
    }

    /// Every run that the server remembers.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn list(&self) -> Result<Vec<JobInstance>, Error> {
        self.client.list(routes::LIST_JOBS.call(&[&self.workspace_id, &self.item_id])).await
    }

    /// One run.
    ///
    /// # Errors
    /// Any [`Error`] of a read.
    pub async fn get(&self, id: Uuid) -> Result<JobInstance, Error> {
        self.client.fetch(routes::GET_JOB.call(&[&self.workspace_id, &self.item_id, &id])).await
    }

    /// Asks for a run to be cancelled.
    ///
    /// # Errors
    /// Any [`Error`]; `JobAlreadyCompleted` where it has ended.
    pub async fn cancel(&self, id: Uuid) -> Result<(), Error> {
        self.client.perform(routes::CANCEL_JOB.call(&[&self.workspace_id, &self.item_id, &id])).await
    }
}
