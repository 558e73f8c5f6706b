//! The way to one vault, and to no other place.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, HttpClient, Request, Url};

/// Sends nothing to any host but the vault's: a list's next page is an address that an answer names.
#[derive(Debug)]
pub(super) struct OneVault {
    vault: Url,
    http: Arc<dyn HttpClient>,
}

impl OneVault {
    pub(super) fn new(vault: Url, http: Arc<dyn HttpClient>) -> Self {
        Self { vault, http }
    }
}

#[async_trait]
impl HttpClient for OneVault {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let (url, vault) = (request.url(), &self.vault);
        if url.host_str() != vault.host_str() || url.port() != vault.port() {
            let message = "the answer leads to another host, which is not followed";
            return Err(azure_core::Error::with_message(ErrorKind::Other, message));
        }
        if url.scheme() == vault.scheme() {
            return self.http.execute_request(request).await;
        }
        let mut request = request.clone();
        set_scheme(request.url_mut(), vault.scheme())?;
        self.http.execute_request(&request).await
    }
}

/// The official client sends no token over http. For a vault on this machine the address says https as far as that
/// rule reaches, and [`OneVault`] turns it back.
#[derive(Debug)]
pub(super) struct Loopback;

#[async_trait]
impl Policy for Loopback {
    async fn send(&self, context: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        set_scheme(request.url_mut(), "https")?;
        match next {
            [first, rest @ ..] => first.send(context, request, rest).await,
            [] => Err(azure_core::Error::with_message(ErrorKind::Other, "there is nothing to send with")),
        }
    }
}

fn set_scheme(url: &mut Url, scheme: &str) -> azure_core::Result<()> {
    url.set_scheme(scheme)
        .map_err(|()| azure_core::Error::with_message(ErrorKind::Other, "the address cannot be used with this scheme"))
}
