//! What one request is, before it is sent: its route, its place in the path, its query and its body.

use std::fmt::{Display, Write};

use bytes::Bytes;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

/// What sending a request twice would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Safety {
    /// Nothing is changed on the server that a user could see, whatever the HTTP method.
    Read,
    /// The second sending leaves the server as the first did.
    Idempotent,
    /// The second sending may create something a second time, or fail because the first took effect.
    Ambiguous,
}

/// What a request is, for layers that retry, throttle or measure. It travels in the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallMetadata {
    /// The operation's name in Microsoft's published OpenAPI documents, such as `Items_CreateItem`.
    pub operation: &'static str,
    /// Which limit the request counts against: Fabric throttles one API for one caller.
    pub api_class: &'static str,
    /// What sending it twice would do.
    pub safety: Safety,
    /// The path with its parameters' names, such as `/v1/workspaces/{workspaceId}/items`.
    pub url_template: &'static str,
}

/// An operation of Fabric's REST API that this client can call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// What its requests carry.
    pub metadata: CallMetadata,
}

/// What is left alone in a path segment: RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The one parameter whose value is a path of its own.
const PATH_PARAMETER: &str = "shortcutPath";

/// One request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) metadata: CallMetadata,
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) body: Option<Bytes>,
    /// Why it must not be sent.
    pub(crate) invalid: Option<String>,
}

impl Route {
    /// A request of this route; `arguments` fill the template's parameters in order.
    pub(crate) fn call(&self, arguments: &[&(dyn Display + Sync)]) -> Call {
        let mut call = Call {
            method: self.method.clone(),
            metadata: self.metadata,
            path: String::with_capacity(160),
            query: Vec::new(),
            body: None,
            invalid: None,
        };
        let mut arguments = arguments.iter();
        let mut rest = self.metadata.url_template;
        while let Some((before, after)) = rest.split_once('{') {
            call.path.push_str(before);
            let (parameter, after) = after.split_once('}').unwrap_or((after, ""));
            rest = after;
            match arguments.next() {
                Some(argument) => call.push_argument(parameter, &argument.to_string()),
                None => call.invalid = Some(format!("`{parameter}` has no value")),
            }
        }
        call.path.push_str(rest);
        call
    }
}

impl Call {
    fn push_argument(&mut self, parameter: &str, value: &str) {
        if parameter == PATH_PARAMETER {
            for (index, segment) in value.trim_matches('/').split('/').enumerate() {
                if index > 0 {
                    self.path.push('/');
                }
                self.push_segment(parameter, segment);
            }
        } else {
            self.push_segment(parameter, value);
        }
    }

    /// An empty segment, `.` and `..` would name another resource: URL parsers fold them away even when encoded.
    fn push_segment(&mut self, parameter: &str, segment: &str) {
        if matches!(segment, "" | "." | "..") {
            self.invalid = Some(format!("`{parameter}` cannot be {segment:?}"));
        }
        let _ = write!(self.path, "{}", utf8_percent_encode(segment, SEGMENT));
    }

    #[must_use]
    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    #[must_use]
    pub(crate) fn safety(mut self, safety: Safety) -> Self {
        self.metadata.safety = safety;
        self
    }

    #[must_use]
    pub(crate) fn json(self, body: &impl Serialize) -> Self {
        self.json_of_about(body, 256)
    }

    /// `size` is a guess of the body's length that saves a large body from being copied as it grows.
    #[must_use]
    pub(crate) fn json_of_about(mut self, body: &impl Serialize, size: usize) -> Self {
        let mut bytes = Vec::with_capacity(size);
        match serde_json::to_writer(&mut bytes, body) {
            Ok(()) => self.body = Some(bytes.into()),
            Err(error) => self.invalid = Some(format!("its body cannot be written as JSON: {error}")),
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORTCUT: Route = Route {
        method: Method::GET,
        metadata: CallMetadata {
            operation: "Test",
            api_class: "test",
            safety: Safety::Read,
            url_template: "/v1/items/{itemId}/shortcuts/{shortcutPath}/{shortcutName}",
        },
    };

    #[test]
    fn arguments_are_encoded_into_their_segments() {
        let call = SHORTCUT.call(&[&"a/b", &"/Files/raw data/", &"ä?#%"]);
        assert_eq!(call.path, "/v1/items/a%2Fb/shortcuts/Files/raw%20data/%C3%A4%3F%23%25");
        assert_eq!(call.invalid, None);
    }

    #[test]
    fn segments_that_would_leave_the_resource_are_refused() {
        for (path, name) in [("Files/../Tables", "x"), ("Files", ".."), ("Files//x", "y"), ("Files", "")] {
            assert!(SHORTCUT.call(&[&"i", &path, &name]).invalid.is_some(), "{path} {name}");
        }
    }

    #[test]
    fn a_missing_argument_is_refused() {
        assert!(SHORTCUT.call(&[&"i"]).invalid.is_some());
    }
}
