//! Microsoft Graph: looking principals up. Whatever else is asked for is refused, never guessed.

mod access;
mod batch;
mod filter;
mod objects;
mod options;
mod wording;

use http::Method;

use super::{Definition, read};

pub(super) static DEFINITION: Definition = Definition {
    routes: &[
        read(Method::GET, "/v1.0/users", "ListUsers", objects::list),
        read(Method::GET, "/v1.0/users/{id}", "GetUser", objects::get),
        read(Method::GET, "/v1.0/groups", "ListGroups", objects::list),
        read(Method::GET, "/v1.0/groups/{id}", "GetGroup", objects::get),
        read(Method::GET, "/v1.0/servicePrincipals", "ListServicePrincipals", objects::list),
        read(Method::GET, "/v1.0/servicePrincipals/{id}", "GetServicePrincipal", objects::get),
        read(Method::POST, "/v1.0/$batch", "Batch", batch::carry_out),
    ],
    word: wording::word,
};
