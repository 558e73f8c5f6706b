//! Roles for people, groups and applications that the files call by name: the names become object ids.
//!
//! Microsoft Graph is asked first. Where it cannot tell, the principals file is: for a line about the same name. An object
//! id that is written down needs neither.

mod fallback;

use std::collections::BTreeMap;
use std::path::PathBuf;

use fabric_client::{DirectoryObject, Graph, PrincipalName, Unresolved};
use uuid::Uuid;

use crate::desired::{DesiredRole, PrincipalType, WorkspaceRole};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use fallback::Unanswered;

/// The principals file of a product and an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalsFile {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Whether it exists.
    pub is_there: bool,
}

/// A role for somebody whose object id is not known yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRole {
    /// Who.
    pub principal: PrincipalName,
    /// The role.
    pub role: WorkspaceRole,
    /// Where that is written.
    pub place: Place,
    /// The principals file that is asked where Graph cannot tell.
    pub file: PrincipalsFile,
}

/// Who can be asked for names.
#[derive(Debug, Clone, Copy)]
pub enum Directory<'a> {
    /// Graph.
    Graph(&'a Graph),
    /// Nobody.
    Nobody {
        /// Why, in a sentence without its end.
        reason: &'a str,
        /// What to do about it.
        remedy: &'a str,
    },
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
    /// Graph gave no answer, and no principals file could be asked instead: all findings, each with its place.
    #[error("{findings}")]
    Graph {
        /// One for each name.
        findings: Diagnostics,
        /// What became of the call.
        source: fabric_client::Error,
    },
}

/// The roles, and what the user should know of how they came about.
pub type Resolved = (Vec<DesiredRole>, Diagnostics);

/// Finds out who everybody is. `given` are the roles by object id, those of the principals file among them; they come back
/// with those that were found.
///
/// # Errors
/// [`PrincipalsError`], for all names at once.
pub async fn resolve(
    directory: Directory<'_>,
    named: &[NamedRole],
    given: Vec<DesiredRole>,
) -> Result<Resolved, PrincipalsError> {
    let names: Vec<PrincipalName> = named.iter().map(|named| named.principal.clone()).collect();
    let (outcomes, broken) = match directory {
        Directory::Graph(graph) => match graph.resolve(&names).await {
            Ok(outcomes) => (outcomes.into_iter().map(|outcome| outcome.map_err(Unanswered::of)).collect(), None),
            Err(error) => (names.iter().map(|_| Err(Unanswered::Broken(error.to_string()))).collect(), Some(error)),
        },
        Directory::Nobody { reason, remedy } => {
            let nobody = || Err(Unanswered::Nobody { reason: reason.to_owned(), remedy: remedy.to_owned() });
            (names.iter().map(|_| nobody()).collect::<Vec<_>>(), None)
        }
    };
    let (mut findings, mut only_denied) = (Diagnostics::new(), true);
    let mut roles: BTreeMap<Uuid, (DesiredRole, &NamedRole)> = BTreeMap::new();
    for (named, outcome) in named.iter().zip(outcomes) {
        let found = match outcome {
            Ok(found) => found,
            Err(unanswered) => {
                let finding = unanswered.ask_file(named, &given);
                only_denied &= unanswered.is_denied();
                findings.push(finding.at(named.place.clone()));
                continue;
            }
        };
        if let Some(given) = given.iter().find(|given| given.principal == found.id) {
            if given.role != named.role {
                let finding = file_decides(named.principal.name(), named.role, given, &named.file);
                findings.push(finding.at(named.place.clone()));
            }
            continue;
        }
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
    let findings = findings.sorted();
    match (findings.has_errors(), broken, only_denied) {
        (false, ..) => Ok((given.into_iter().chain(roles.into_values().map(|(role, _)| role)).collect(), findings)),
        (true, Some(source), _) => Err(PrincipalsError::Graph { findings, source }),
        (true, None, true) => Err(PrincipalsError::Denied(findings)),
        (true, None, false) => Err(PrincipalsError::Names(findings)),
    }
}

/// That the principals file, which is about one environment, has another role for somebody than `users`.
pub(crate) fn file_decides(name: &str, role: WorkspaceRole, given: &DesiredRole, file: &PrincipalsFile) -> Diagnostic {
    let message =
        format!("`{name}` gets the role {:?} that {} gives, and not {role:?}", given.role, file.path.display());
    Diagnostic::warning("principal-role", message).remedy("give the same role in both, or in one of them alone")
}

pub(crate) fn principal_type(name: &PrincipalName) -> PrincipalType {
    match name {
        PrincipalName::Group(_) => PrincipalType::Group,
        PrincipalName::ServicePrincipal(_) => PrincipalType::ServicePrincipal,
        _ => PrincipalType::User,
    }
}

/// Says why a name has no object id, and what to do.
pub fn explain(principal: &PrincipalName, unresolved: &Unresolved) -> Diagnostic {
    let (kind, name) = (principal.kind(), principal.name());
    match unresolved {
        Unresolved::NotFound => {
            Diagnostic::error("principal-not-found", format!("there is no {kind} `{name}`")).remedy("correct the name")
        }
        Unresolved::Ambiguous(matches) => {
            let listed: Vec<String> = matches.iter().map(shown).collect();
            let message = format!("{} {kind}s are called `{name}`: {}", matches.len(), listed.join("; "));
            Diagnostic::error("principal-ambiguous", message).remedy(match principal {
                PrincipalName::ServicePrincipal(_) => "give the application id instead of the name",
                _ => "give a name that only one has",
            })
        }
        Unresolved::Denied { permission } => Diagnostic::error(
            "principal-denied",
            format!("this identity may not look the {kind} `{name}` up"),
        )
        .remedy(format!(
            "give its application the permission {permission} of Microsoft Graph, with an administrator's consent"
        )),
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
