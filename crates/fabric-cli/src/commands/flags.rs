//! `flags`: which features are on, why, and what each changes.

use super::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Document};

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let document = Document::flags(&context.flags, context.elapsed_ms());
    render::flags(context.global.output, &context.flags, &document)?;
    Ok(Exit::Success)
}
