//! The words after `cargo xtask release`.

/// How far a release goes.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Options {
    /// Upload the crates and tag the versions.
    pub(crate) publish: bool,
    /// Build the binary a second time, elsewhere, and compare.
    pub(crate) check_reproducible: bool,
}

impl Options {
    /// Reads the words.
    ///
    /// # Errors
    /// A sentence that says which word is not understood.
    pub(crate) fn parse(words: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        for word in words {
            match word.as_str() {
                "--publish" => options.publish = true,
                "--check-reproducible" => options.check_reproducible = true,
                other => return Err(format!("`release` takes no `{other}`")),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options, String> {
        Options::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn nothing_is_published_unless_it_is_asked_for() {
        assert_eq!(parse(&[]), Ok(Options { publish: false, check_reproducible: false }));
        assert_eq!(parse(&["--check-reproducible"]), Ok(Options { publish: false, check_reproducible: true }));
        assert_eq!(parse(&["--publish"]), Ok(Options { publish: true, check_reproducible: false }));
        assert_eq!(parse(&["--publihs"]), Err("`release` takes no `--publihs`".to_owned()));
    }
}
