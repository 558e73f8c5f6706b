//! What a layer must know of a call before it is made.

use std::borrow::Cow;

use reqwest::Method;

/// What sending the same call twice could do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Safety {
    /// Changes nothing.
    Read,
    /// Changes something, and the second time changes nothing more.
    Idempotent,
    /// Sent twice it may happen twice: a create without an idempotency key. Only a look-up can tell what happened.
    Ambiguous,
}

impl Safety {
    /// What RFC 9110 §9.2 promises of the method. `PATCH` and `POST` promise nothing.
    #[must_use]
    pub fn of_method(method: &Method) -> Self {
        match *method {
            Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE => Self::Read,
            Method::PUT | Method::DELETE => Self::Idempotent,
            _ => Self::Ambiguous,
        }
    }
}

/// One call, as the layers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// May it be sent twice?
    pub safety: Safety,
    /// The group of operations that the server throttles together.
    pub class: Cow<'static, str>,
    /// On whose behalf: servers throttle each caller separately. Never a token.
    pub principal: Cow<'static, str>,
}

impl Call {
    /// A call of this safety, in one class and for one principal with all others.
    #[must_use]
    pub fn new(safety: Safety) -> Self {
        Self { safety, class: Cow::Borrowed(""), principal: Cow::Borrowed("") }
    }

    /// The same call in a class of its own.
    #[must_use]
    pub fn in_class(mut self, class: impl Into<Cow<'static, str>>) -> Self {
        self.class = class.into();
        self
    }

    /// The same call for a principal of its own.
    #[must_use]
    pub fn for_principal(mut self, principal: impl Into<Cow<'static, str>>) -> Self {
        self.principal = principal.into();
        self
    }
}
