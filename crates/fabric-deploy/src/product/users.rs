//! `users` of a product configuration: who gets which role, by e-mail address or name.

use std::path::Path;

use fabric_client::PrincipalName;

use super::principals::{ROLES, TYPES, known};
use crate::desired::PrincipalType;
use crate::diagnostic::Diagnostic;
use crate::document::{Located, MappingReader, Reader};
use crate::principals::NamedRole;

/// The entries. `file` is the principals file that would do instead.
pub(super) fn read(reader: &Reader<'_>, root: &MappingReader<'_, '_>, file: &Path) -> Vec<NamedRole> {
    let entries = root.sequence("users").iter().enumerate();
    entries
        .filter_map(|(index, node)| entry(reader, &reader.mapping(node, &format!("users[{index}]"))?, file))
        .collect()
}

fn entry(reader: &Reader<'_>, entry: &MappingReader<'_, '_>, file: &Path) -> Option<NamedRole> {
    let kind = match entry.optional_string("principal_type") {
        Some(written) => listed(reader, &written, "invalid-principal-type", "a type of principal", &TYPES),
        None => Some(PrincipalType::User),
    };
    let role = entry
        .required_string("role")
        .and_then(|written| listed(reader, &written, "invalid-role", "a workspace role", &ROLES));
    let (email, name) = (entry.optional_string("email"), entry.optional_string("name"));
    let named = match kind {
        // A person's name is nobody's in particular.
        Some(PrincipalType::User) => email,
        _ => name.or(email),
    };
    let named = named.filter(|named| !named.value.trim().is_empty());
    let Some(named) = named else {
        let wanted = if kind == Some(PrincipalType::User) { "email" } else { "name" };
        let finding = Diagnostic::error("principal-unnamed", format!("the entry has no `{wanted}`")).at(entry.place());
        reader.report(finding.remedy(format!("add `{wanted}`, or write the object id into {}", file.display())));
        return None;
    };
    let name = named.value.trim().to_owned();
    let principal = match kind? {
        PrincipalType::User => PrincipalName::User(name),
        PrincipalType::Group => PrincipalName::Group(name),
        PrincipalType::ServicePrincipal => PrincipalName::ServicePrincipal(name),
    };
    Some(NamedRole { principal, role: role?, place: named.place, file: file.to_owned() })
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
