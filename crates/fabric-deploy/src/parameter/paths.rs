//! Reads the `file_path` condition of an entry.

use std::path::{Component, Path};

use globset::GlobBuilder;

use super::filter::PathFilter;

/// `path` as a condition on paths below `root`; what is wrong with it otherwise.
///
/// A path may be absolute, if it lies below `root`, or relative to it. One with `*`, `?` or `[` is a pattern, in which
/// `*` stays inside a directory and `**` does not.
pub(super) fn read(root: &Path, path: &str) -> Result<PathFilter, String> {
    let written = Path::new(path);
    let relative = if written.is_absolute() {
        let real = std::fs::canonicalize(root).ok();
        let below = real.as_deref().and_then(|real| written.strip_prefix(real).ok());
        // fabric-cicd reads `/a/b` as relative to the source folder, too.
        below
            .or_else(|| written.strip_prefix(root).ok())
            .unwrap_or_else(|| written.strip_prefix("/").unwrap_or(written))
    } else {
        written
    };
    let relative = relative.to_str().unwrap_or(path).replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    for component in Path::new(&relative).components() {
        match component {
            Component::Normal(part) => parts.extend(part.to_str()),
            Component::CurDir => {}
            Component::ParentDir if parts.pop().is_some() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err("it leads out of the source folder".to_owned());
            }
        }
    }
    let relative = parts.join("/");
    if !relative.contains(['*', '?', '[']) {
        return Ok(PathFilter::Exact(relative));
    }
    let glob = GlobBuilder::new(&relative).literal_separator(true).build();
    glob.map(|glob| PathFilter::Glob(glob.compile_matcher())).map_err(|error| error.kind().to_string())
}
