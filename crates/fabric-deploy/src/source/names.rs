//! What Fabric allows folders to be called.

/// Fabric nests workspace folders at most this deep.
pub(super) const MAX_DEPTH: usize = 10;
/// In characters.
const MAX_FOLDER_NAME: usize = 255;
/// The documented set, with `%` and `\`, which the service refuses as well.
const REFUSED: &str = "~\"#.%&*:<>?/\\{|}";
const RESERVED: [&str; 3] = ["$recycle.bin", "recycled", "recycler"];

/// Why Fabric refuses a folder of this name, if it does.
pub(super) fn folder_problem(name: &str) -> Option<String> {
    if name.chars().count() > MAX_FOLDER_NAME {
        return Some(format!("it is longer than {MAX_FOLDER_NAME} characters"));
    }
    if name.starts_with(char::is_whitespace) || name.ends_with(char::is_whitespace) {
        return Some("it begins or ends with a blank".to_owned());
    }
    if RESERVED.contains(&name.to_lowercase().as_str()) {
        return Some("it is reserved".to_owned());
    }
    let refused = name.chars().find(|character| character.is_control() || REFUSED.contains(*character))?;
    Some(format!("it contains {refused:?}"))
}
