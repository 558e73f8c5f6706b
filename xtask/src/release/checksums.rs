//! SHA-256 of everything that is given away, in the form that `sha256sum --check` reads.

use std::path::Path;

use anyhow::Context;
use sha2::{Digest, Sha256};

/// The name of the file of digests.
const NAME: &str = "SHA256SUMS";

/// Writes the digests of all files in a folder.
///
/// # Errors
/// A file cannot be read or written.
#[expect(clippy::disallowed_methods, reason = "the folder of artifacts is this room's")]
pub(super) fn write(folder: &Path) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != NAME {
            lines.push(format!("{}  {name}\n", digest(&entry.path())?));
        }
    }
    lines.sort_by(|one, other| one.get(66..).cmp(&other.get(66..)));
    let text = lines.concat();
    print!("\n{text}");
    let path = folder.join(NAME);
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// It cannot be read.
pub(super) fn digest(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test makes the files")]
    fn digests_stand_beside_their_names_in_order() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("b"), "abc").unwrap();
        std::fs::write(folder.path().join("a"), "").unwrap();
        write(folder.path()).unwrap();
        write(folder.path()).unwrap();
        // The digests of nothing and of "abc" in FIPS 180-4's examples.
        assert_eq!(
            std::fs::read_to_string(folder.path().join(NAME)).unwrap(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n\
             ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n"
        );
    }
}
