//! The principals file of a product and an environment: roles by object id, and who is meant where Graph cannot tell.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::desired::{DesiredRole, PrincipalType, WorkspaceRole};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::document::{MappingReader, Reader, nearest};
use crate::principals::{NamedRole, PrincipalsFile};

use super::users;

pub(super) const ROLES: [(&str, WorkspaceRole); 4] = [
    ("Admin", WorkspaceRole::Admin),
    ("Member", WorkspaceRole::Member),
    ("Contributor", WorkspaceRole::Contributor),
    ("Viewer", WorkspaceRole::Viewer),
];

pub(super) const TYPES: [(&str, PrincipalType); 3] = [
    ("User", PrincipalType::User),
    ("Group", PrincipalType::Group),
    ("ServicePrincipal", PrincipalType::ServicePrincipal),
];

/// Who gets a role.
#[derive(Debug, Default)]
pub(super) struct Roles {
    /// Those whose object ids are written down: in the principals file, or in `users`.
    pub(super) exact: Vec<DesiredRole>,
    /// The others of `users`.
    pub(super) named: Vec<NamedRole>,
}

/// The roles of `users` and of the principals file. Only this product's own file counts.
pub(super) fn load(
    reader: &Reader<'_>,
    root: &MappingReader<'_, '_>,
    project: &Path,
    product: &str,
    environment: &str,
    around: &mut Diagnostics,
) -> Roles {
    let candidates = candidates(project, product, environment);
    let found = candidates.iter().find(|file| file.is_file());
    match (root.sequence("users").is_empty(), found) {
        (true, None) => Roles::default(),
        (true, Some(file)) => {
            let message = "the file is not used: `users` of the product configuration lists nobody";
            around.push(Diagnostic::warning("principals-unused", message).at(Place::file(file)));
            Roles::default()
        }
        (false, Some(file)) => {
            let exact = read(file, around);
            users::read(reader, root, &PrincipalsFile { path: file.clone(), is_there: true }, exact)
        }
        (false, None) => {
            let path = candidates.into_iter().next().unwrap_or_else(|| project.to_owned());
            users::read(reader, root, &PrincipalsFile { path, is_there: false }, Vec::new())
        }
    }
}

fn read(file: &Path, around: &mut Diagnostics) -> Vec<DesiredRole> {
    match std::fs::read_to_string(file) {
        Ok(text) => parse(&text, file, around),
        Err(error) => {
            let message = format!("the file cannot be read: {error}");
            around.push(Diagnostic::error("file-unreadable", message).at(Place::file(file)));
            Vec::new()
        }
    }
}

/// Where the file may be. Earlier tools replaced only blanks in the product's name, so that spelling counts as well.
fn candidates(project: &Path, product: &str, environment: &str) -> Vec<PathBuf> {
    let folder = project.join("config").join("principals");
    let lower = product.to_lowercase();
    let file = |name: &str| folder.join(format!("{name}_{environment}_principals.txt"));
    let plain: String = lower.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
    let mut files = vec![file(&plain)];
    let earlier = lower.replace(' ', "_");
    if earlier != plain && !earlier.contains(['/', '\\']) {
        files.push(file(&earlier));
    }
    files
}

/// The roles of a principals file: a line each with object id, role, description and type; `#` begins a comment line.
fn parse(text: &str, file: &Path, around: &mut Diagnostics) -> Vec<DesiredRole> {
    let mut roles: BTreeMap<Uuid, (DesiredRole, usize)> = BTreeMap::new();
    let mut entries = 0;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line_number = index + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        entries += 1;
        let role = match read_line(line) {
            Ok(role) => role,
            Err(findings) => {
                for finding in findings {
                    around.push(finding.at(Place::line(file, line_number)));
                }
                continue;
            }
        };
        match roles.get(&role.principal) {
            None => {
                roles.insert(role.principal, (role, line_number));
            }
            Some((first, first_line)) => {
                let same = first.role == role.role && first.principal_type == role.principal_type;
                let message = format!("the principal `{}` is already given in line {first_line}", role.principal);
                let finding = if same {
                    Diagnostic::warning("duplicate-principal", message)
                } else {
                    Diagnostic::error("duplicate-principal", format!("{message}, with another role or type"))
                };
                around.push(finding.at(Place::line(file, line_number)).remedy("keep one of the two lines"));
            }
        }
    }
    if entries == 0 {
        let message = "the principals file lists nobody, but `users` of the product configuration does";
        around.push(Diagnostic::error("principals-empty", message).at(Place::file(file)));
    }
    roles.into_values().map(|(role, _)| role).collect()
}

fn read_line(line: &str) -> Result<DesiredRole, Vec<Diagnostic>> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let (id, role, description, principal_type) = match fields.as_slice() {
        [id, role] => (id, role, "", ""),
        [id, role, description] => (id, role, *description, ""),
        [id, role, description, principal_type] => (id, role, *description, *principal_type),
        other => {
            let message = format!("the line has {} fields instead of 2 to 4", other.len());
            return Err(vec![
                Diagnostic::error("principal-fields", message)
                    .remedy("write `object id,role,description,type`, the description without commas"),
            ]);
        }
    };
    let mut findings = Vec::new();
    let principal = Uuid::try_parse(id).map_err(|_| {
        findings.push(
            Diagnostic::error("invalid-guid", format!("`{id}` is not a GUID"))
                .remedy("give the principal's object id, as Entra shows it"),
        );
    });
    let role = known(role, &ROLES).map_err(|remedy| {
        let message = format!("`{role}` is not a workspace role");
        findings.push(Diagnostic::error("invalid-role", message).remedy(remedy));
    });
    let principal_type = match principal_type {
        "" => Ok(PrincipalType::User),
        written => known(written, &TYPES).map_err(|remedy| {
            let message = format!("`{written}` is not a type of principal");
            findings.push(Diagnostic::error("invalid-principal-type", message).remedy(remedy));
        }),
    };
    match (principal, role, principal_type) {
        (Ok(principal), Ok(role), Ok(principal_type)) => {
            let label = if description.is_empty() { principal.to_string() } else { description.to_owned() };
            Ok(DesiredRole { principal, principal_type, role, label })
        }
        _ => Err(findings),
    }
}

/// The value that `written` names, or what to write instead.
pub(super) fn known<T: Copy>(written: &str, names: &[(&'static str, T)]) -> Result<T, String> {
    let all = || names.iter().map(|(name, _)| *name);
    names.iter().find(|(name, _)| *name == written).map(|(_, value)| *value).ok_or_else(|| {
        match nearest(written, all()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of `{}`", all().collect::<Vec<_>>().join("`, `")),
        }
    })
}
