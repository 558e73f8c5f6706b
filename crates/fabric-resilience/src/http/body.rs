//! Reads the body of an answer before it is judged: one that breaks off is a failed attempt like any other, and what an
//! error says can decide.

use http::Extensions;
use reqwest::{Body, Request, Response, ResponseBuilderExt};
use reqwest_middleware::{Error, Middleware, Next, Result};

pub(crate) struct BodyLayer;

/// The body of an error, kept beside the response that still has it.
#[derive(Clone)]
pub(super) struct ErrorBody(Vec<u8>);

impl ErrorBody {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

#[async_trait::async_trait]
impl Middleware for BodyLayer {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let mut response = next.run(request, extensions).await?;
        let status = response.status();
        let mut parts =
            http::Response::builder().status(status).version(response.version()).url(response.url().clone());
        if let Some(headers) = parts.headers_mut() {
            *headers = std::mem::take(response.headers_mut());
        }
        let body = response.bytes().await?;
        if (status.is_client_error() || status.is_server_error())
            && let Some(extensions) = parts.extensions_mut()
        {
            extensions.insert(ErrorBody(body.to_vec()));
        }
        // Every part comes from a response that exists, so that there is nothing to refuse.
        let rebuilt = parts.body(Body::from(body)).map_err(Error::middleware)?;
        Ok(Response::from(rebuilt))
    }
}
