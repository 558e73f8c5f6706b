//! A look-up as a path with its query, quoted for OData and encoded for URLs.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;
use uuid::Uuid;

use super::{PrincipalName, route};
use crate::call::Route;
use crate::endpoint::Endpoint;

static USERS: Route = route(Method::GET, "Graph_ListUsers", "graph.users", "/v1.0/users");
static GROUPS: Route = route(Method::GET, "Graph_ListGroups", "graph.groups", "/v1.0/groups");
static SERVICE_PRINCIPALS: Route =
    route(Method::GET, "Graph_ListServicePrincipals", "graph.servicePrincipals", "/v1.0/servicePrincipals");

/// What is left alone in a value: RFC 3986's unreserved characters.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The route that tells about such names.
pub(super) fn route_of(name: &PrincipalName) -> &'static Route {
    match name {
        PrincipalName::User(_) => &USERS,
        PrincipalName::Group(_) => &GROUPS,
        PrincipalName::ServicePrincipal(_) => &SERVICE_PRINCIPALS,
    }
}

/// Path and query of the look-up.
pub(super) fn of(name: &PrincipalName) -> String {
    let (filter, select) = match name {
        PrincipalName::User(name) => {
            let name = quoted(name);
            (format!("userPrincipalName eq {name} or mail eq {name}"), "id,displayName,userPrincipalName,mail")
        }
        PrincipalName::Group(name) if name.contains('@') => {
            let name = quoted(name);
            (format!("displayName eq {name} or mail eq {name}"), "id,displayName,mail")
        }
        PrincipalName::Group(name) => (format!("displayName eq {}", quoted(name)), "id,displayName,mail"),
        PrincipalName::ServicePrincipal(name) => match name.trim().parse::<Uuid>() {
            Ok(id) => (format!("appId eq '{id}'"), "id,displayName,appId"),
            Err(_) => (format!("displayName eq {}", quoted(name)), "id,displayName,appId"),
        },
    };
    let path = route_of(name).metadata.url_template;
    format!("{path}?$filter={}&$select={select}", utf8_percent_encode(&filter, VALUE))
}

/// A string of OData: in single quotes, those within it doubled.
fn quoted(name: &str) -> String {
    format!("'{}'", name.trim().replace('\'', "''"))
}

/// Path and query of the next page, if it is one of `endpoint`'s.
pub(super) fn path_of_next(endpoint: &Endpoint, next: &str) -> Result<String, String> {
    let elsewhere = || "the next page is said to be on another host, which is not followed".to_owned();
    let next = Url::parse(next).map_err(|_| elsewhere())?;
    let here = endpoint.url("/").map_err(|error| error.to_string())?;
    if next.origin() != here.origin() {
        return Err(elsewhere());
    }
    Ok(next.query().map_or_else(|| next.path().to_owned(), |query| format!("{}?{query}", next.path())))
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;

    use super::*;

    fn filter(name: &PrincipalName) -> String {
        let question = of(name);
        let filter = question.split("$filter=").nth(1).unwrap().split('&').next().unwrap();
        assert!(filter.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)), "{filter}");
        percent_decode_str(filter).decode_utf8().unwrap().into_owned()
    }

    #[test]
    fn quotes_are_doubled_and_everything_else_is_encoded() {
        let guest = PrincipalName::User("o'hara_partner.example#EXT#@contoso.example".to_owned());
        let name = "'o''hara_partner.example#EXT#@contoso.example'";
        assert_eq!(filter(&guest), format!("userPrincipalName eq {name} or mail eq {name}"));
        let group = PrincipalName::Group("R&D + \"Täst\" 100%?".to_owned());
        assert_eq!(filter(&group), "displayName eq 'R&D + \"Täst\" 100%?'");
        let by_id = PrincipalName::ServicePrincipal("B0000000-0000-4000-8000-000000000001".to_owned());
        assert_eq!(filter(&by_id), "appId eq 'b0000000-0000-4000-8000-000000000001'");
    }

    #[test]
    fn the_next_page_is_followed_on_the_same_host_only() {
        let endpoint = Endpoint::parse("https://graph.microsoft.com").unwrap();
        let next = "https://graph.microsoft.com/v1.0/users?$skiptoken=a%26b";
        assert_eq!(path_of_next(&endpoint, next).as_deref(), Ok("/v1.0/users?$skiptoken=a%26b"));
        for elsewhere in
            ["https://graph.microsoft.com.example/v1.0/users", "http://graph.microsoft.com/v1.0/users", "/v1.0/users"]
        {
            assert!(path_of_next(&endpoint, elsewhere).is_err(), "{elsewhere}");
        }
    }
}
