//! What is done about a name of which Graph told nothing: the principals file is asked, and each time that is told.

use fabric_client::Unresolved;

use super::{NamedRole, explain, principal_type};
use crate::desired::DesiredRole;
use crate::diagnostic::Diagnostic;

/// Why Graph has no object id for a name.
pub(super) enum Unanswered {
    /// It answered, if only to refuse.
    Unresolved(Unresolved),
    /// It gave no answer.
    Broken(String),
    /// There is nobody to ask.
    Nobody { reason: String, remedy: String },
}

impl Unanswered {
    pub(super) fn of(unresolved: Unresolved) -> Self {
        Self::Unresolved(unresolved)
    }

    /// Whether a right is missing.
    pub(super) fn is_denied(&self) -> bool {
        matches!(self, Self::Unresolved(Unresolved::Denied { .. }) | Self::Nobody { .. })
    }

    /// What the principals file says instead. A warning: `given` has the role, or the file decides as a whole who has one.
    ///
    /// A name that several have is refused whatever the file says, and so is one that neither Graph nor the file knows. The
    /// lines of files that were written before names were looked up describe people in other words: where Graph was not
    /// allowed or not able to tell, they are the roles that there are.
    pub(super) fn ask_file(&self, named: &NamedRole, given: &[DesiredRole]) -> Diagnostic {
        let refused = self.explain(named);
        if matches!(self, Self::Unresolved(Unresolved::Ambiguous(_))) {
            let remedy = refused.remedy.clone().unwrap_or_default();
            return refused.remedy(format!("{remedy}, or its `object_id`"));
        }
        let (name, file) = (named.principal.name(), named.file.path.display());
        let remedy = refused.remedy.clone().unwrap_or_default();
        let or_by_id = format!(
            "{remedy}; or give `object_id` in the entry, or a line `object id,role,{name},{:?}` in {file}",
            principal_type(&named.principal)
        );
        if !named.file.is_there {
            let message = format!("{}, and there is no principals file {file}", refused.message);
            return Diagnostic { message, ..refused }.remedy(or_by_id);
        }
        let is_meant = |role: &&DesiredRole| {
            role.principal_type == principal_type(&named.principal) && role.label.to_lowercase() == name.to_lowercase()
        };
        let lines: Vec<&DesiredRole> = given.iter().filter(is_meant).collect();
        match lines.as_slice() {
            [line] => {
                let message = format!(
                    "{}: {file} says that it is {}, with the role {:?}",
                    refused.message, line.principal, line.role
                );
                Diagnostic::warning("principal-from-file", message).remedy(remedy)
            }
            [_, _, ..] => {
                let message = format!("{}, and {} lines of {file} are about that name", refused.message, lines.len());
                Diagnostic::error("principal-ambiguous", message).remedy("keep one of the lines")
            }
            [] if matches!(self, Self::Unresolved(Unresolved::NotFound)) => {
                let message = format!("{}, and {file} has no line about that name", refused.message);
                Diagnostic { message, ..refused }.remedy(or_by_id)
            }
            [] => {
                let message =
                    format!("{}: the roles are those of {file}, which has no line about that name", refused.message);
                Diagnostic::warning("principal-from-file", message).remedy(or_by_id)
            }
        }
    }

    fn explain(&self, named: &NamedRole) -> Diagnostic {
        let (kind, name) = (named.principal.kind(), named.principal.name());
        match self {
            Self::Unresolved(unresolved) => explain(&named.principal, unresolved),
            Self::Broken(reason) => {
                let message = format!("the {kind} `{name}` could not be looked up in Microsoft Graph: {reason}");
                Diagnostic::error("principal-unanswered", message).remedy("try again")
            }
            Self::Nobody { reason, remedy } => {
                let message = format!("the {kind} `{name}` is not looked up: {reason}");
                Diagnostic::error("principal-denied", message).remedy(remedy.as_str())
            }
        }
    }
}
