//! Why there is no release: every reason, not only the first.

use anyhow::bail;

/// The reasons found so far.
#[derive(Debug, Default)]
pub(super) struct Refusals(Vec<String>);

impl Refusals {
    pub(super) fn add(&mut self, why: String) {
        self.0.push(why);
    }

    pub(super) fn extend(&mut self, reasons: impl IntoIterator<Item = String>) {
        self.0.extend(reasons);
    }

    /// What was found, or `None` and one more reason.
    pub(super) fn keep<T>(&mut self, found: Result<T, String>) -> Option<T> {
        found.map_err(|why| self.add(why)).ok()
    }

    /// Nothing, or all reasons in one error.
    ///
    /// # Errors
    /// There is a reason.
    pub(super) fn into_result(self) -> anyhow::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        bail!("this cannot be released:\n  {}", self.0.join("\n  "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_told_at_once() {
        let mut refusals = Refusals::default();
        assert_eq!(refusals.keep(Ok::<_, String>(1)), Some(1));
        assert_eq!(refusals.keep(Err::<i32, _>("no entry".to_owned())), None);
        refusals.add("no tag".to_owned());
        let told = refusals.into_result().unwrap_err().to_string();
        assert_eq!(told, "this cannot be released:\n  no entry\n  no tag");
        assert!(Refusals::default().into_result().is_ok());
    }
}
