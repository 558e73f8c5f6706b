//! Azure Key Vault: one vault, whose secrets are part of the world.

mod access;
mod bundle;
mod deleted;
mod listing;
mod secrets;
mod wording;

use http::Method;

use super::{Definition, read, write};

pub(super) static DEFINITION: Definition = Definition {
    routes: &[
        read(Method::GET, "/secrets", "ListSecrets", listing::secrets),
        write(Method::PUT, "/secrets/{name}", "SetSecret", secrets::set),
        read(Method::GET, "/secrets/{name}", "GetSecret", secrets::get),
        write(Method::DELETE, "/secrets/{name}", "DeleteSecret", deleted::delete),
        read(Method::GET, "/secrets/{name}/versions", "ListSecretVersions", listing::versions),
        read(Method::GET, "/secrets/{name}/{version}", "GetSecret", secrets::get),
        write(Method::PATCH, "/secrets/{name}", "UpdateSecret", secrets::update),
        write(Method::PATCH, "/secrets/{name}/{version}", "UpdateSecret", secrets::update),
        read(Method::GET, "/deletedsecrets", "ListDeletedSecrets", listing::deleted),
        read(Method::GET, "/deletedsecrets/{name}", "GetDeletedSecret", deleted::get),
        write(Method::DELETE, "/deletedsecrets/{name}", "PurgeDeletedSecret", deleted::purge),
        write(Method::POST, "/deletedsecrets/{name}/recover", "RecoverDeletedSecret", deleted::recover),
    ],
    word: wording::word,
};
