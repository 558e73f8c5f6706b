//! Whose token it is, and which kinds of objects it lets be read.

use http::StatusCode;

use crate::services::{Refused, ServiceCall};
use crate::token::{self, Audience, TokenFault};
use crate::world::entities::PrincipalKind;

/// What a caller may read.
#[derive(Debug, Clone)]
pub(super) struct Permissions(Vec<String>);

impl Permissions {
    /// Lets pass who may read objects of this kind.
    pub(super) fn require(&self, kind: PrincipalKind) -> Result<(), Refused> {
        let enough: &[&str] = match kind {
            PrincipalKind::User => &["User.Read.All", "User.ReadBasic.All", "Directory.Read.All"],
            PrincipalKind::Group => &["Group.Read.All", "GroupMember.Read.All", "Directory.Read.All"],
            PrincipalKind::ServicePrincipal => &["Application.Read.All", "Directory.Read.All"],
        };
        if self.0.iter().any(|held| enough.contains(&held.as_str())) {
            return Ok(());
        }
        let message = "Insufficient privileges to complete the operation.";
        Err(Refused::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message))
    }
}

/// Reads the token.
pub(super) fn permissions(call: &mut ServiceCall<'_>) -> Result<Permissions, Refused> {
    let refused = |fault| {
        let message = match fault {
            TokenFault::Missing => "Access token is empty.",
            TokenFault::Malformed | TokenFault::Unknown => "CompactToken parsing failed with error code: 80049217",
            TokenFault::Signature => "Access token validation failure. Signature is invalid.",
            TokenFault::Audience => "Access token validation failure. Invalid audience.",
            TokenFault::Expired => "Lifetime validation failed, the token is expired.",
        };
        Refused::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
    };
    let accepted = token::accept(call.world, call.authorization(), call.now, Audience::Graph).map_err(refused)?;
    call.principal = Some(accepted.caller.id);
    Ok(Permissions(accepted.permissions))
}
