//! Roles for people, groups and applications that the files call by name: the names become object ids.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fabric_client::{DirectoryObject, Graph, PrincipalName, Unresolved};
use uuid::Uuid;

use crate::desired::{DesiredRole, PrincipalType, WorkspaceRole};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};

/// A role for somebody whose object id is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRole {
    /// Who.
    pub principal: PrincipalName,
    /// The role.
    pub role: WorkspaceRole,
    /// Where that is written.
    pub place: Place,
    /// The principals file that would do instead.
    pub file: PathBuf,
}

/// Why the names have no object ids.
#[derive(Debug, thiserror::Error)]
pub enum PrincipalsError {
    /// Some names are nobody's, or several people's: all findings, each with its place.
    #[error("{0}")]
    Names(Diagnostics),
    /// The caller may not look them up: all findings, each with its place and the permission to ask for.
    #[error("{0}")]
    Denied(Diagnostics),
    /// Graph gave no answer.
    #[error("the principals could not be looked up in Microsoft Graph")]
    Graph(#[source] fabric_client::Error),
}

/// Looks every name up.
///
/// # Errors
/// [`PrincipalsError`], for all names at once.
pub async fn resolve(graph: &Graph, named: &[NamedRole]) -> Result<Vec<DesiredRole>, PrincipalsError> {
    let names: Vec<PrincipalName> = named.iter().map(|named| named.principal.clone()).collect();
    let outcomes = graph.resolve(&names).await.map_err(PrincipalsError::Graph)?;
    let (mut findings, mut only_denied) = (Diagnostics::new(), true);
    let mut roles: BTreeMap<Uuid, (DesiredRole, &NamedRole)> = BTreeMap::new();
    for (named, outcome) in named.iter().zip(outcomes) {
        let found = match outcome {
            Ok(found) => found,
            Err(unresolved) => {
                only_denied &= matches!(unresolved, Unresolved::Denied { .. });
                findings.push(explain(&named.principal, &unresolved, Some(&named.file)).at(named.place.clone()));
                continue;
            }
        };
        match roles.get(&found.id) {
            Some((_, first)) if first.role == named.role => {}
            Some((_, first)) => {
                only_denied = false;
                let message = format!(
                    "the {} `{}` is the same as `{}`, which has another role",
                    named.principal.kind(),
                    named.principal.name(),
                    first.principal.name()
                );
                let finding = Diagnostic::error("duplicate-principal", message).at(named.place.clone());
                findings.push(finding.remedy("keep one of the two entries"));
            }
            None => {
                let role = DesiredRole {
                    principal: found.id,
                    principal_type: principal_type(&named.principal),
                    role: named.role,
                    label: named.principal.name().to_owned(),
                };
                roles.insert(found.id, (role, named));
            }
        }
    }
    match (findings.has_errors(), only_denied) {
        (false, _) => Ok(roles.into_values().map(|(role, _)| role).collect()),
        (true, true) => Err(PrincipalsError::Denied(findings.sorted())),
        (true, false) => Err(PrincipalsError::Names(findings.sorted())),
    }
}

fn principal_type(name: &PrincipalName) -> PrincipalType {
    match name {
        PrincipalName::Group(_) => PrincipalType::Group,
        PrincipalName::ServicePrincipal(_) => PrincipalType::ServicePrincipal,
        _ => PrincipalType::User,
    }
}

/// Says why a name has no object id, and what to do; `file` is the principals file that would do instead.
pub fn explain(principal: &PrincipalName, unresolved: &Unresolved, file: Option<&Path>) -> Diagnostic {
    let (kind, name) = (principal.kind(), principal.name());
    let or_by_id = file.map(|file| format!(", or write the object id into {}", file.display())).unwrap_or_default();
    match unresolved {
        Unresolved::NotFound => Diagnostic::error("principal-not-found", format!("there is no {kind} `{name}`"))
            .remedy(format!("correct the name{or_by_id}")),
        Unresolved::Ambiguous(matches) => {
            let listed: Vec<String> = matches.iter().map(shown).collect();
            let message = format!("{} {kind}s are called `{name}`: {}", matches.len(), listed.join("; "));
            Diagnostic::error("principal-ambiguous", message).remedy(match principal {
                PrincipalName::ServicePrincipal(_) => format!("give the application id instead of the name{or_by_id}"),
                _ => format!("give a name that only one has{or_by_id}"),
            })
        }
        Unresolved::Denied { permission } => {
            Diagnostic::error("principal-denied", format!("this identity may not look the {kind} `{name}` up")).remedy(
                format!(
                    "give its application the permission {permission} of Microsoft Graph, with an administrator's \
                     consent{or_by_id}"
                ),
            )
        }
        other => Diagnostic::error("principal-not-found", format!("the {kind} `{name}` is not resolved: {other}")),
    }
}

/// A match, so that it can be told from the others.
fn shown(found: &DirectoryObject) -> String {
    match &found.known_as {
        Some(known_as) => format!("{} ({known_as})", found.id),
        None => found.id.to_string(),
    }
}
