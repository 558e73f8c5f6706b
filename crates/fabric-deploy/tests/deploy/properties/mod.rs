//! Laws that hold for any files: of what substitution changes, of the order of steps, of a plan after its deployment.

mod plans;
mod states;
mod substitution;
