//! `${NAME}` inside a value.

/// Why a value could not be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// No variable has this name.
    Unknown(String),
    /// `${` without its `}`, or with nothing between them.
    Malformed,
}

/// `text` with every `${NAME}` replaced by its value. `$${` stands for `${` itself.
///
/// What a variable holds is never looked at again: it may itself contain `${`.
pub(super) fn substitute(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Vec<Unresolved>> {
    let mut complete = String::with_capacity(text.len());
    let mut unresolved = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        let after = from.get(2..).unwrap_or_default();
        if let Some(kept) = before.strip_suffix('$') {
            complete.push_str(kept);
            complete.push_str("${");
            rest = after;
            continue;
        }
        complete.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) if !name.trim().is_empty() => {
                match lookup(name.trim()) {
                    Some(value) => complete.push_str(&value),
                    None => unresolved.push(Unresolved::Unknown(name.trim().to_owned())),
                }
                rest = tail;
            }
            _ => {
                unresolved.push(Unresolved::Malformed);
                rest = "";
            }
        }
    }
    complete.push_str(rest);
    if unresolved.is_empty() { Ok(complete) } else { Err(unresolved) }
}
