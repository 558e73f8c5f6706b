//! What a workspace's description says of the branch that it was made for.

use std::fmt;

use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const BEGIN: &str = "Made by fabric-cli for branch ";
const MIDDLE: &str = ", expires ";
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// The branch, and the day after which the workspace counts as stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) branch: String,
    pub(super) expires: Date,
}

impl Label {
    /// Reads a description; anything else than a label is none.
    pub(super) fn read(description: &str) -> Option<Self> {
        let (branch, expires) = description.strip_prefix(BEGIN)?.rsplit_once(MIDDLE)?;
        let expires = Date::parse(expires.trim_end_matches('.'), DAY).ok()?;
        Some(Self { branch: branch.to_owned(), expires })
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEGIN}{}{MIDDLE}{}.", self.branch, self.expires)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_label_reads_what_it_wrote_and_nothing_else() {
        for branch in ["feature/returns", "odd, expires 2020-01-01"] {
            let label = Label { branch: branch.to_owned(), expires: date!(2026 - 12 - 07) };
            assert_eq!(Label::read(&label.to_string()), Some(label));
        }
        for other in ["", "Sales", "Made by fabric-cli for branch x", "Made by fabric-cli for branch x, expires soon."]
        {
            assert_eq!(Label::read(other), None, "{other}");
        }
    }
}
