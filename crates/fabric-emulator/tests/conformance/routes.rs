//! Which published operations the emulator implements.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::catalogue::{Catalogue, Operation, is_parameter};
use crate::corpus::corpus;

/// Whether the emulator has a route for the operation.
pub(crate) fn is_implemented(operation: &Operation) -> bool {
    implemented().contains(&shape(&operation.method, &operation.path))
}

fn implemented() -> &'static BTreeSet<String> {
    static SHAPES: OnceLock<BTreeSet<String>> = OnceLock::new();
    SHAPES.get_or_init(|| {
        fabric_emulator::routes().iter().map(|route| shape(route.method.as_str(), &route.template)).collect()
    })
}

/// Method and path with nothing in its parameters, in lower case.
fn shape(method: &str, path: &str) -> String {
    let segments: Vec<&str> = path.split('/').map(|part| if is_parameter(part) { "{}" } else { part }).collect();
    format!("{method} {}", segments.join("/")).to_lowercase()
}

fn unpublished(catalogue: &Catalogue) -> Vec<String> {
    let published: BTreeSet<String> =
        catalogue.operations().iter().map(|operation| shape(&operation.method, &operation.path)).collect();
    implemented().difference(&published).cloned().collect()
}

#[test]
fn the_emulator_has_no_route_that_fabric_has_not() {
    let Some(corpus) = corpus() else { return };
    let invented = unpublished(&corpus.catalogue);
    assert!(invented.is_empty(), "{invented:#?}");
}
