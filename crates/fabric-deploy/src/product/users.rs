//! `users` of a product configuration: who gets which role, by e-mail address, name or object id.

use fabric_client::PrincipalName;
use uuid::Uuid;

use super::principals::{ROLES, Roles, TYPES, known};
use crate::desired::{DesiredRole, PrincipalType};
use crate::diagnostic::{Diagnostic, Place};
use crate::document::{Located, MappingReader, Reader};
use crate::principals::{self, NamedRole, PrincipalsFile};

/// An entry of the list.
enum User {
    /// Somebody whose object id has to be found out.
    Named(NamedRole),
    /// Somebody whose object id is written there.
    Exact(DesiredRole, Place),
}

/// The roles of all entries, beside those of `file`.
pub(super) fn read(
    reader: &Reader<'_>,
    root: &MappingReader<'_, '_>,
    file: &PrincipalsFile,
    mut exact: Vec<DesiredRole>,
) -> Roles {
    let of_file = exact.len();
    let mut named = Vec::new();
    for (index, node) in root.sequence("users").iter().enumerate() {
        let entry = reader.mapping(node, &format!("users[{index}]"));
        match entry.and_then(|entry| read_entry(reader, &entry, file)) {
            None => {}
            Some(User::Named(role)) => named.push(role),
            Some(User::Exact(role, place)) => match exact.iter().position(|known| known.principal == role.principal) {
                None => exact.push(role),
                Some(known) if exact[known].role == role.role => {}
                Some(known) if known < of_file => {
                    reader.report(principals::file_decides(&role.label, role.role, &exact[known], file).at(place));
                }
                Some(_) => {
                    let message = format!("`{}` is listed already, with another role", role.principal);
                    let finding = Diagnostic::error("duplicate-principal", message).at(place);
                    reader.report(finding.remedy("keep one of the two entries"));
                }
            },
        }
    }
    Roles { exact, named }
}

fn read_entry(reader: &Reader<'_>, entry: &MappingReader<'_, '_>, file: &PrincipalsFile) -> Option<User> {
    let kind = match entry.optional_string("principal_type") {
        Some(written) => listed(reader, &written, "invalid-principal-type", "a type of principal", &TYPES),
        None => Some(PrincipalType::User),
    };
    let role = entry
        .required_string("role")
        .and_then(|written| listed(reader, &written, "invalid-role", "a workspace role", &ROLES));
    let (email, name) = (entry.optional_string("email"), entry.optional_string("name"));
    let is_unread = |key, text: &Option<_>| entry.optional(key).is_some() && text.is_none();
    if is_unread("email", &email) || is_unread("name", &name) {
        return None;
    }
    let named = match kind {
        // A person's name is nobody's in particular.
        Some(PrincipalType::User) => email.or_else(|| entry.optional("object_id").and(name)),
        _ => name.or(email),
    };
    let named = named.filter(|named| !named.value.trim().is_empty());
    if entry.optional("object_id").is_some() {
        let id = entry.required_string("object_id")?;
        let Ok(principal) = id.value.trim().parse::<Uuid>() else {
            let message = format!("`{}` is not a GUID", entry.path_of("object_id"));
            let finding = Diagnostic::error("invalid-guid", message).at(id.place);
            reader.report(finding.remedy("give the principal's object id, as Entra shows it"));
            return None;
        };
        let label = named.map_or_else(|| principal.to_string(), |named| named.value.trim().to_owned());
        return Some(User::Exact(DesiredRole { principal, principal_type: kind?, role: role?, label }, id.place));
    }
    let Some(named) = named else {
        let wanted = if kind == Some(PrincipalType::User) { "email" } else { "name" };
        let finding = Diagnostic::error("principal-unnamed", format!("the entry has no `{wanted}`")).at(entry.place());
        reader.report(finding.remedy(format!("add `{wanted}`, or `object_id`")));
        return None;
    };
    let name = named.value.trim().to_owned();
    let principal = match kind? {
        PrincipalType::User => PrincipalName::User(name),
        PrincipalType::Group => PrincipalName::Group(name),
        PrincipalType::ServicePrincipal => PrincipalName::ServicePrincipal(name),
    };
    Some(User::Named(NamedRole { principal, role: role?, place: named.place, file: file.clone() }))
}

fn listed<T: Copy>(
    reader: &Reader<'_>,
    written: &Located<String>,
    code: &'static str,
    what: &str,
    names: &[(&'static str, T)],
) -> Option<T> {
    known(&written.value, names)
        .map_err(|remedy| {
            let message = format!("`{}` is not {what}", written.value);
            reader.report(Diagnostic::error(code, message).at(written.place.clone()).remedy(remedy));
        })
        .ok()
}
