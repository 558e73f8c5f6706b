//! Whether a program for Linux starts without a dynamic linker and shared libraries.

use anyhow::{Context, ensure};

/// The kind of a segment that names a dynamic linker, in ELF's specification.
const PT_INTERP: u32 = 3;

/// Reads the program headers of a 64-bit little-endian ELF file.
///
/// # Errors
/// It is another kind of file, or names a dynamic linker.
pub(super) fn check(file: &[u8]) -> anyhow::Result<()> {
    ensure!(file.starts_with(b"\x7fELF\x02\x01"), "this is no 64-bit little-endian ELF file");
    let start = usize::try_from(u64::from_le_bytes(bytes(file, 0x20)?))?;
    let size = usize::from(u16::from_le_bytes(bytes(file, 0x36)?));
    let count = usize::from(u16::from_le_bytes(bytes(file, 0x38)?));
    for number in 0..count {
        let kind = u32::from_le_bytes(bytes(file, start + number * size)?);
        ensure!(kind != PT_INTERP, "it names a dynamic linker");
    }
    Ok(())
}

fn bytes<const N: usize>(file: &[u8], at: usize) -> anyhow::Result<[u8; N]> {
    let end = at.checked_add(N).context("a place beyond all files")?;
    let slice = file.get(at..end).with_context(|| format!("the file ends before byte {end}"))?;
    Ok(slice.try_into()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with nothing but a header and program headers of these kinds.
    fn elf(kinds: &[u32]) -> Vec<u8> {
        let mut file = b"\x7fELF\x02\x01".to_vec();
        file.resize(0x40, 0);
        file.splice(0x20..0x28, 0x40_u64.to_le_bytes());
        file.splice(0x36..0x38, 56_u16.to_le_bytes());
        file.splice(0x38..0x3a, u16::try_from(kinds.len()).unwrap().to_le_bytes());
        for kind in kinds {
            file.extend(kind.to_le_bytes());
            file.resize(file.len() + 52, 0);
        }
        file
    }

    #[test]
    fn a_dynamic_linker_is_found() {
        assert!(check(&elf(&[6, 1, 2])).is_ok());
        assert_eq!(check(&elf(&[6, PT_INTERP, 1])).unwrap_err().to_string(), "it names a dynamic linker");
    }

    #[test]
    fn another_file_is_not_taken_for_a_program() {
        assert!(check(b"#!/bin/sh\n").is_err());
        let mut short = elf(&[1]);
        short.truncate(0x41);
        assert!(check(&short).is_err());
    }
}
