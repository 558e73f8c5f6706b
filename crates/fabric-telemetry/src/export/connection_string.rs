//! The connection string of an Application Insights resource.

use thiserror::Error;
use url::{Host, Url};
use uuid::Uuid;

/// Where records go if the string does not say.
const GLOBAL: &str = "https://dc.services.visualstudio.com/";

/// A connection string that cannot be used. No value is repeated: the string may be mistaken for another one, which
/// holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConnectionStringError {
    /// A part is not `Key=Value`.
    #[error("its part {0} is not of the form Key=Value")]
    Part(usize),
    /// A key occurs twice.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// There is no instrumentation key.
    #[error("`InstrumentationKey` is missing")]
    NoKey,
    /// The instrumentation key is none.
    #[error("`InstrumentationKey` is not a GUID")]
    Key,
    /// An address is none.
    #[error("`{key}` is not an address: {reason}")]
    Address {
        /// The key.
        key: &'static str,
        /// Why.
        reason: String,
    },
    /// An address is not https.
    #[error("`{0}` is not an https address (http only for this machine)")]
    NotSecure(&'static str),
    /// It asks for a sign-in that this program does not have.
    #[error("`Authorization` is not `ikey`: sign-in to the ingestion is not supported")]
    Authorization,
}

/// Where an Application Insights resource takes records, and under which key.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectionString {
    /// The resource's key. It names the resource and opens nothing.
    pub instrumentation_key: Uuid,
    /// The ingestion's address, with a slash at its end.
    pub ingestion: Url,
}

impl std::fmt::Debug for ConnectionString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionString").field("ingestion", &self.ingestion.as_str()).finish_non_exhaustive()
    }
}

impl ConnectionString {
    /// Reads one as Azure shows it. Keys are known in any case; what it does not know is ignored, as Microsoft's own
    /// exporters do.
    ///
    /// # Errors
    /// The part that is wrong.
    pub fn parse(text: &str) -> Result<Self, ConnectionStringError> {
        let mut known: Vec<(String, &str)> = Vec::new();
        let parts = text.split(';').map(str::trim).enumerate().filter(|(_, part)| !part.is_empty());
        for (position, part) in parts {
            let (key, value) = part.split_once('=').ok_or(ConnectionStringError::Part(position + 1))?;
            let (name, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                return Err(ConnectionStringError::Part(position + 1));
            }
            if known.iter().any(|(earlier, _)| *earlier == name) {
                return Err(ConnectionStringError::Twice(key.trim().to_owned()));
            }
            known.push((name, value));
        }
        let get = |name: &str| known.iter().find(|(key, _)| key == name).map(|(_, value)| *value);
        if get("authorization").is_some_and(|value| !value.eq_ignore_ascii_case("ikey")) {
            return Err(ConnectionStringError::Authorization);
        }
        let key = get("instrumentationkey").ok_or(ConnectionStringError::NoKey)?;
        let instrumentation_key = key.parse().map_err(|_| ConnectionStringError::Key)?;
        let ingestion = match (get("ingestionendpoint"), get("endpointsuffix"), get("location")) {
            (Some(address), _, _) => address_of("IngestionEndpoint", address)?,
            (None, Some(suffix), None) => address_of("EndpointSuffix", &format!("https://dc.{suffix}"))?,
            (None, Some(suffix), Some(location)) => {
                address_of("EndpointSuffix", &format!("https://{location}.dc.{suffix}"))?
            }
            (None, None, _) => address_of("IngestionEndpoint", GLOBAL)?,
        };
        Ok(Self { instrumentation_key, ingestion })
    }

    /// The resource with this bare instrumentation key: the old way, whose support Microsoft ended on 2025-03-31.
    ///
    /// # Errors
    /// It is not a GUID.
    pub fn of_instrumentation_key(key: &str) -> Result<Self, ConnectionStringError> {
        Self::parse(&format!("InstrumentationKey={key}"))
    }
}

fn address_of(key: &'static str, text: &str) -> Result<Url, ConnectionStringError> {
    let mut url =
        Url::parse(text).map_err(|error| ConnectionStringError::Address { key, reason: error.to_string() })?;
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if is_here => {}
        _ => return Err(ConnectionStringError::NotSecure(key)),
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "11111111-2222-4333-8444-555555555555";

    fn ingestion(text: &str) -> String {
        ConnectionString::parse(text).unwrap().ingestion.to_string()
    }

    #[test]
    fn every_form_that_azure_shows_is_read() {
        let full = format!(
            "InstrumentationKey={KEY};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/;\
             LiveEndpoint=https://westeurope.livediagnostics.monitor.azure.com/;ApplicationId={KEY}"
        );
        assert_eq!(ingestion(&full), "https://westeurope-5.in.applicationinsights.azure.com/");
        assert_eq!(ingestion(&format!("instrumentationkey = {KEY} ;")), GLOBAL);
        assert_eq!(
            ingestion(&format!("InstrumentationKey={KEY};EndpointSuffix=ai.contoso.com")),
            "https://dc.ai.contoso.com/"
        );
        let located = format!("InstrumentationKey={KEY};EndpointSuffix=ai.contoso.com;Location=westus2");
        assert_eq!(ingestion(&located), "https://westus2.dc.ai.contoso.com/");
        assert_eq!(
            ingestion(&format!("InstrumentationKey={KEY};IngestionEndpoint=http://127.0.0.1:1/a")),
            "http://127.0.0.1:1/a/"
        );
        assert_eq!(ConnectionString::of_instrumentation_key(KEY).unwrap().ingestion.as_str(), GLOBAL);
    }

    #[test]
    fn the_part_that_is_wrong_is_named_and_not_repeated() {
        let canary = "canary-canary";
        let cases = [
            (canary.to_owned(), "its part 1 is not of the form Key=Value"),
            (format!("InstrumentationKey={KEY};{canary}"), "its part 2 is not of the form Key=Value"),
            (format!("InstrumentationKey={canary}"), "`InstrumentationKey` is not a GUID"),
            ("IngestionEndpoint=https://a/".to_owned(), "`InstrumentationKey` is missing"),
            (format!("InstrumentationKey={KEY};instrumentationkey={KEY}"), "`instrumentationkey` is given twice"),
            (
                format!("InstrumentationKey={KEY};IngestionEndpoint={canary}"),
                "`IngestionEndpoint` is not an address: relative URL without a base",
            ),
            (
                format!("InstrumentationKey={KEY};IngestionEndpoint=http://{canary}/"),
                "`IngestionEndpoint` is not an https address (http only for this machine)",
            ),
            (
                format!("InstrumentationKey={KEY};Authorization=aad"),
                "`Authorization` is not `ikey`: sign-in to the ingestion is not supported",
            ),
        ];
        for (text, expected) in cases {
            let error = ConnectionString::parse(&text).unwrap_err().to_string();
            assert_eq!(error, expected);
            assert!(!error.contains(canary));
        }
    }
}
