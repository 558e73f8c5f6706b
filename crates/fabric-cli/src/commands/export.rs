//! `export`: a workspace as a folder in Git format.

use super::Context;
use crate::arguments::ExportArguments;
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs;
use crate::render::{self, Document};

pub(super) async fn run(arguments: &ExportArguments, context: &Context) -> Result<Exit, Failure> {
    let connection = connect::connect(context).await?;
    let selector = inputs::selector(&arguments.workspace);
    let concurrency = context.calls.concurrency;
    let exported = fabric_deploy::export::export(&connection.client, &selector, &arguments.out, concurrency).await?;
    let document = Document::exported(&arguments.workspace, &exported, context.elapsed_ms());
    render::exported(context.global.output, &arguments.out, &exported, &document)?;
    Ok(Exit::Success)
}
