//! What rustdoc knows of a crate, in the form that programs read.
//!
//! That form is not stable, so rustdoc writes it only when it is told that it is part of the compiler's own build.
//! Cargo calls this very program in rustdoc's place, which tells rustdoc so and nobody else: the crates that are depended
//! on are compiled as always.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Context;
use cargo_metadata::{Package, Target};
use public_api::Builder;

use crate::process::{self, run};
use crate::workspace::Workspace;

/// Set while this program stands in for rustdoc.
const STANDS_IN: &str = "XTASK_DOCUMENTS";

/// The version of the form that `public-api` reads: the one of Rust 1.95.
const FORMAT: u64 = 57;

/// What became of listing.
pub(super) enum Listed {
    /// One list for each crate, in their order.
    Lists(Vec<String>),
    /// Why they cannot be read.
    UnknownFormat(String),
}

/// Whether cargo called this program in rustdoc's place.
#[expect(clippy::disallowed_methods, reason = "cargo's own words leave no room for another sign")]
pub(crate) fn is_asked_for() -> bool {
    std::env::var_os(STANDS_IN).is_some()
}

/// Calls rustdoc with the words that cargo gave.
pub(crate) fn document(words: impl Iterator<Item = String>) -> ExitCode {
    match Command::new("rustdoc").args(words).env_remove(STANDS_IN).env("RUSTC_BOOTSTRAP", "1").status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// The public API of libraries with all their features, one line for each item, in a fixed order.
///
/// # Errors
/// Rustdoc fails.
pub(super) fn list(workspace: &Workspace, libraries: &[&Package]) -> anyhow::Result<Listed> {
    let this = process::this_program()?;
    let mut command = process::cargo(workspace.root());
    command.args(["doc", "--quiet", "--lib", "--no-deps", "--all-features", "--locked"]);
    command.args(libraries.iter().flat_map(|package| ["--package", package.name.as_str()]));
    command.env("RUSTDOC", this).env(STANDS_IN, "1");
    command.env("RUSTDOCFLAGS", "-Z unstable-options --output-format json --cap-lints allow");
    run(&mut command)?;
    let folder = workspace.metadata.target_directory.as_std_path().join("doc");
    let mut lists = Vec::new();
    for package in libraries {
        let Some(library) = package.targets.iter().find(|target| Target::is_lib(target)) else { continue };
        let path = folder.join(format!("{}.json", library.name.replace('-', "_")));
        let format = format(&path)?;
        if format != FORMAT {
            let why = format!("rustdoc writes its form {format}, and form {FORMAT} (Rust 1.95) is known here");
            return Ok(Listed::UnknownFormat(why));
        }
        // What the compiler derives by itself says nothing that the derived types do not say.
        let api = Builder::from_rustdoc_json(&path)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(true)
            .build()
            .with_context(|| format!("cannot read {}", path.display()))?;
        lists.push(api.to_string());
    }
    Ok(Listed::Lists(lists))
}

fn format(path: &Path) -> anyhow::Result<u64> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        format_version: u64,
    }
    let text = std::fs::read(path).with_context(|| format!("rustdoc left no {}", path.display()))?;
    let versioned: Versioned =
        serde_json::from_slice(&text).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(versioned.format_version)
}
