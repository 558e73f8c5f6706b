//! The spellings of on and off.

/// The accepted spellings, for error messages.
pub(crate) const ACCEPTED: &str = "true, 1, yes, on or false, 0, no, off";

/// Reads a switch: any case, surrounding white space ignored; `None` for every other word.
pub(crate) fn parse(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The spelling that this crate writes.
pub(crate) const fn word(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
