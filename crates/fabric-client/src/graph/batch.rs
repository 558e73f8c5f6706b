//! Many look-ups in one request.

use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Page;
use super::{Graph, PrincipalName, question, route};
use crate::call::Route;
use crate::error::{Error, ErrorBody};

static BATCH: Route = route(Method::POST, "Graph_Batch", "graph.batch", "/v1.0/$batch");

#[derive(Deserialize)]
struct Batch {
    responses: Vec<Inner>,
}

#[derive(Deserialize)]
struct Inner {
    id: String,
    status: u16,
    #[serde(default)]
    body: Value,
}

/// What a batch said of one name; `None`: nothing that lasts.
pub(super) type Answered = Option<Result<Page, Box<Error>>>;

impl Graph {
    /// The first page about each name, in the names' order, whatever order Graph answers in.
    pub(super) async fn ask_together(&self, names: &[PrincipalName]) -> Result<Vec<Answered>, Error> {
        let requests: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let question = question::of(name);
                // Within a batch, paths begin behind the version.
                let url = question.strip_prefix("/v1.0").unwrap_or(&question);
                json!({"id": index.to_string(), "method": "GET", "url": url})
            })
            .collect();
        let reply = self.client.send(&BATCH.call(&[]).json(&json!({ "requests": requests }))).await?;
        let batch: Batch = reply.json()?;
        let mut answers: Vec<Answered> = names.iter().map(|_| None).collect();
        for inner in batch.responses {
            let position = inner.id.parse::<usize>().ok();
            let Some((index, name)) = position.and_then(|index| Some((index, names.get(index)?))) else { continue };
            answers[index] = read(inner, question::route_of(name));
        }
        Ok(answers)
    }
}

fn read(inner: Inner, route: &'static Route) -> Answered {
    let status = StatusCode::from_u16(inner.status).ok()?;
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT || status.is_server_error() {
        return None;
    }
    if status.is_success() {
        return serde_json::from_value(inner.body).ok().map(Ok);
    }
    let body: ErrorBody = serde_json::from_value(inner.body).unwrap_or_default();
    let error = body.into_api_error(route.method.clone(), route.metadata.url_template, status, &HeaderMap::new());
    Some(Err(Box::new(Error::Api(Box::new(error)))))
}
