//! `principals resolve`: the object ids of people, groups and applications, by the names that people know.

use fabric_client::PrincipalName;
use fabric_deploy::diagnostic::Diagnostics;
use fabric_deploy::principals::explain;

use super::Context;
use crate::arguments::ResolveArguments;
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Document, ResolvedPrincipal};

pub(super) async fn resolve(arguments: &ResolveArguments, context: &Context) -> Result<Exit, Failure> {
    let users = arguments.users.iter().cloned().map(PrincipalName::User);
    let groups = arguments.groups.iter().cloned().map(PrincipalName::Group);
    let applications = arguments.service_principals.iter().cloned().map(PrincipalName::ServicePrincipal);
    let names: Vec<PrincipalName> = users.chain(groups).chain(applications).collect();
    let (access, _emulator) = connect::to_graph(context).await?;
    let outcomes = access.open(context)?.resolve(&names).await.map_err(Failure::graph)?;
    let (mut resolved, mut findings, mut only_denied) = (Vec::new(), Diagnostics::new(), true);
    for (name, outcome) in names.iter().zip(outcomes) {
        match outcome {
            Ok(found) => resolved.push(ResolvedPrincipal::new(name, found)),
            Err(unresolved) => {
                only_denied &= matches!(unresolved, fabric_client::Unresolved::Denied { .. });
                findings.push(explain(name, &unresolved));
            }
        }
    }
    if findings.has_errors() {
        return Err(if only_denied { Failure::PrincipalsDenied(findings) } else { Failure::Input(findings) });
    }
    let document = Document::principals(resolved, context.elapsed_ms());
    render::principals(context.global.output, &document)?;
    Ok(Exit::Success)
}
