//! `git login` and `git logout`: a person signs in with a code.

use std::io;

use serde::Serialize;

use crate::arguments::git::{LoginArguments, LoginProvider, LogoutArguments};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::login::{self, Wishes};
use crate::render;

#[derive(Serialize)]
struct LoginDocument {
    schema_version: &'static str,
    command: &'static str,
    status: &'static str,
    provider: &'static str,
    /// `keyring`, a file, or nothing.
    kept_in: Option<String>,
    duration_ms: u64,
}

pub(super) async fn login(arguments: &LoginArguments, context: &Context) -> Result<Exit, Failure> {
    let wishes = Wishes {
        client_id: arguments.client_id.clone(),
        tenant: arguments.tenant.clone(),
        open: arguments.open,
        token_file: arguments.token_file.clone(),
    };
    let (_, kept_in) = login::sign_in(arguments.provider, &wishes, context).await?;
    if kept_in.is_none() {
        render::say_warning(
            &"this system has no keyring, so the sign-in ends with this process: --token-file FILE keeps it in a file that \
              only you may read",
        );
    }
    write("git login", "committed", arguments.provider, kept_in, context)?;
    Ok(Exit::Success)
}

pub(super) fn logout(arguments: &LogoutArguments, context: &Context) -> Result<Exit, Failure> {
    let was_there = login::forget(arguments.provider, arguments.token_file.as_ref(), &context.environment)?;
    let status = if was_there { "committed" } else { "unchanged" };
    write("git logout", status, arguments.provider, None, context)?;
    Ok(Exit::Success)
}

fn write(
    command: &'static str,
    status: &'static str,
    provider: LoginProvider,
    kept_in: Option<String>,
    context: &Context,
) -> io::Result<()> {
    let text = match (command, status, &kept_in) {
        ("git login", _, Some(place)) => format!("Signed in to {}; kept in {place}", provider.name()),
        ("git login", _, None) => format!("Signed in to {}", provider.name()),
        (_, "committed", _) => format!("Signed out of {}", provider.name()),
        _ => format!("Not signed in to {}", provider.name()),
    };
    let document = LoginDocument {
        schema_version: render::SCHEMA_VERSION,
        command,
        status,
        provider: provider.name(),
        kept_in,
        duration_ms: context.elapsed_ms(),
    };
    render::plain(context.global.output, &document, &text)
}
