//! The one host that requests, and with them the bearer token, are sent to.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The base of Fabric's REST API: a scheme, a host and a port.
///
/// It is `https`, or `http` on a loopback address: a bearer token never crosses a network in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Cow<'static, str>);

/// Why a text is no endpoint. The text itself is not repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// It is not an absolute URL.
    #[error("the endpoint is not an absolute URL such as https://api.fabric.microsoft.com")]
    NotAUrl,
    /// It would send the token in the clear.
    #[error("the endpoint must use https; http is allowed on a loopback address only")]
    Insecure,
    /// It carries a user name or a password.
    #[error("the endpoint must not hold a user name or a password")]
    Credentials,
    /// It has more than a scheme, a host and a port.
    #[error("the endpoint must be a scheme, a host and a port, without a path such as /v1, a query or a fragment")]
    MoreThanAHost,
}

impl Endpoint {
    /// Fabric's public cloud: `https://api.fabric.microsoft.com`.
    pub const fn public() -> Self {
        Self(Cow::Borrowed("https://api.fabric.microsoft.com"))
    }

    /// Reads an endpoint.
    ///
    /// # Errors
    /// Anything but `https://host[:port]`, or `http://` with a loopback host, is an [`EndpointError`].
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(text.trim()).map_err(|_| EndpointError::NotAUrl)?;
        let Some(host) = url.host() else { return Err(EndpointError::NotAUrl) };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            _ => return Err(EndpointError::Insecure),
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::MoreThanAHost);
        }
        Ok(Self(Cow::Owned(url.as_str().trim_end_matches('/').to_owned())))
    }

    /// The host without scheme and port, as it is written in URLs.
    pub fn host(&self) -> String {
        Url::parse(&self.0).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        Url::parse(&self.0).ok().and_then(|url| url.host().map(|host| is_loopback(&host))).unwrap_or_default()
    }

    /// The URL of a path, which begins with `/` and is already encoded.
    pub(crate) fn url(&self, path: &str) -> Result<Url, url::ParseError> {
        Url::parse(&format!("{}{path}", self.0))
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_loopback_are_endpoints() {
        for text in [
            "https://api.fabric.microsoft.com",
            "https://example.test:8443/",
            "http://127.0.0.1:4000",
            "http://[::1]:9",
            "http://localhost",
        ] {
            assert!(Endpoint::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for (text, reason) in [
            ("api.fabric.microsoft.com", EndpointError::NotAUrl),
            ("mailto:x@example.test", EndpointError::NotAUrl),
            ("http://api.fabric.microsoft.com", EndpointError::Insecure),
            ("http://127.0.0.1.example.test", EndpointError::Insecure),
            ("ftp://127.0.0.1", EndpointError::Insecure),
            ("https://user:pass@example.test", EndpointError::Credentials),
            ("https://example.test/v1", EndpointError::MoreThanAHost),
            ("https://example.test/?a=b", EndpointError::MoreThanAHost),
        ] {
            assert_eq!(Endpoint::parse(text), Err(reason), "{text}");
        }
    }
}
