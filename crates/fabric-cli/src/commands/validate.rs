//! `validate`: every check that needs no network.

use fabric_deploy::plan::Strategy;

use super::Context;
use crate::arguments::{InputArguments, PruneArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs;
use crate::render::{self, Document};

pub(super) fn run(arguments: &InputArguments, context: &Context) -> Result<Exit, Failure> {
    let prune = PruneArguments { prune: false, prune_data: false, max_delete: 0 };
    let (loaded, diagnostics) =
        inputs::check(&inputs::plan_inputs(arguments, prune, Strategy::Auto), &context.environment, None);
    match loaded {
        Some(inputs::Loaded { desired, .. }) if !diagnostics.has_errors() => {
            render::say_warnings(&diagnostics, "");
            let document = Document::valid(&desired, diagnostics, context.elapsed_ms());
            render::valid(context.global.output, &desired, &document)?;
            Ok(context.delivery.publish(&document, Exit::Success))
        }
        _ => Err(Failure::Input(diagnostics)),
    }
}
