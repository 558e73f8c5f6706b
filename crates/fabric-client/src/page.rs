//! Lists that come in pages.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::client::Client;
use crate::error::Error;

const TOKEN: &str = "continuationToken";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    #[serde(default = "Option::default")]
    value: Option<Vec<T>>,
    #[serde(default)]
    continuation_token: Option<String>,
}

impl Client {
    /// Every element of a list. The token is taken from the body, and the next page asked for at the same route:
    /// `continuationUri` may name another host. A page without elements but with a token is not the end.
    pub(crate) async fn list<T: DeserializeOwned>(&self, mut call: Call) -> Result<Vec<T>, Error> {
        let mut elements = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let reply = self.send(&call).await?;
            let page: Page<T> = reply.json()?;
            elements.extend(page.value.unwrap_or_default());
            let Some(token) = page.continuation_token.filter(|token| !token.is_empty()) else {
                return Ok(elements);
            };
            if !seen.insert(token.clone()) {
                return Err(reply.undecodable("a continuation token came a second time"));
            }
            call.query.retain(|(name, _)| *name != TOKEN);
            call.query.push((TOKEN, token));
        }
    }

    /// One resource.
    pub(crate) async fn fetch<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        self.send(&call).await?.json()
    }

    /// A call whose answer says nothing but that it worked.
    pub(crate) async fn perform(&self, call: Call) -> Result<(), Error> {
        self.send(&call).await.map(drop)
    }
}
