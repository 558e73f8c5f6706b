//! What a YAML scalar without quotes means.

use serde_json::Number;

use super::node::ScalarKind;

/// The meaning of a plain scalar, where PyYAML's safe loader and YAML 1.2 agree.
///
/// Where they differ, the value stays text: `yes`, `on` and dates are text here (a reader that expects a truth value
/// accepts `yes` and `on`), and so are `1e3`, `1_000` and `1:30`.
pub(super) fn resolve(text: &str) -> ScalarKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => ScalarKind::Null,
        "true" | "True" | "TRUE" => ScalarKind::Bool(true),
        "false" | "False" | "FALSE" => ScalarKind::Bool(false),
        _ => number(text).map_or(ScalarKind::Text, ScalarKind::Number),
    }
}

/// A truth value as YAML 1.1 or 1.2 spells it.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn number(text: &str) -> Option<Number> {
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return i64::from_str_radix(unsigned(hexadecimal)?, 16).ok().map(Number::from);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return i64::from_str_radix(unsigned(octal)?, 8).ok().map(Number::from);
    }
    let digits = unsigned(text.strip_prefix(['-', '+']).unwrap_or(text))?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let whole = text.strip_prefix('+').unwrap_or(text);
        return whole
            .parse::<i64>()
            .map(Number::from)
            .or_else(|_| whole.parse::<u64>().map(Number::from))
            .ok()
            .or_else(|| whole.parse::<f64>().ok().and_then(Number::from_f64));
    }
    let (mantissa, _) = digits.split_once(['e', 'E']).unwrap_or((digits, ""));
    let (before, after) = mantissa.split_once('.')?;
    let is_float = !(before.is_empty() && after.is_empty())
        && before.bytes().chain(after.bytes()).all(|byte| byte.is_ascii_digit());
    if is_float { text.parse::<f64>().ok().and_then(Number::from_f64) } else { None }
}

/// `text`, if it is not empty and has no sign of its own.
fn unsigned(text: &str) -> Option<&str> {
    (!text.is_empty() && !text.starts_with(['-', '+'])).then_some(text)
}
