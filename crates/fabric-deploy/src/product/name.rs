//! The workspace's name, from the project's pattern.

use super::project::Project;
use crate::diagnostic::Diagnostic;
use crate::document::{Located, Reader, nearest};

/// What a pattern may use.
const PLACEHOLDERS: [&str; 7] =
    ["prefix", "prefix_upper", "prefix_clean", "name", "environment", "environment_title", "organization"];

/// The longest name Fabric gives a workspace, in characters, by Microsoft's documentation.
const MAX_LENGTH: usize = 256;

/// Whether a product's name can be part of a workspace's name and of a file's; reports where not.
pub(super) fn check_product(reader: &Reader<'_>, name: &Located<String>) -> bool {
    let usable = !name.value.trim().is_empty() && !name.value.chars().any(char::is_control);
    if !usable {
        let finding = Diagnostic::error("invalid-product-name", "`product.name` is blank or has control characters");
        reader.report(finding.at(name.place.clone()));
    }
    usable
}

/// The name of a product's workspace.
pub(super) fn workspace(project: &Project, product: &str, environment: &str) -> Result<String, Box<Diagnostic>> {
    let Located { value: pattern, place } = &project.workspace_pattern;
    let wrong = |code, message: String| Box::new(Diagnostic::error(code, message).at(place.clone()));
    let mut name = String::new();
    let mut rest = pattern.as_str();
    while let Some((before, after)) = rest.split_once(['{', '}']) {
        name.push_str(before);
        let opens = rest.as_bytes().get(before.len()) == Some(&b'{');
        let Some((placeholder, tail)) = after.split_once('}').filter(|_| opens) else {
            return Err(wrong("malformed-placeholder", format!("the pattern `{pattern}` has an unpaired brace")));
        };
        let value = match placeholder {
            "prefix" => project.prefix.clone(),
            "prefix_upper" => project.prefix.to_uppercase().replace('-', "_"),
            "prefix_clean" => project.prefix.replace('-', ""),
            "name" => slug(product),
            "environment" => environment.to_owned(),
            "environment_title" => title(environment),
            "organization" => project.organization.clone().ok_or_else(|| {
                wrong("missing-key", format!("the pattern `{pattern}` needs `project.organization`, which is missing"))
            })?,
            unknown => {
                let message = format!("the pattern `{pattern}` has an unknown placeholder `{{{unknown}}}`");
                let remedy = match nearest(unknown, PLACEHOLDERS) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => format!("the placeholders are `{{{}}}`", PLACEHOLDERS.join("}`, `{")),
                };
                return Err(Box::new(wrong("unknown-placeholder", message).remedy(remedy)));
            }
        };
        name.push_str(&value);
        rest = tail;
    }
    name.push_str(rest);
    let length = name.chars().count();
    if name.trim().is_empty() || length > MAX_LENGTH {
        let message =
            format!("the workspace would be called `{name}`: {length} characters, 1 to {MAX_LENGTH} are allowed");
        return Err(wrong("invalid-workspace-name", message));
    }
    Ok(name)
}

/// A product's name inside a workspace's name.
fn slug(product: &str) -> String {
    product.to_lowercase().replace(' ', "-")
}

/// Every word with a capital and small letters after it.
fn title(text: &str) -> String {
    let mut inside = false;
    let mut titled = String::new();
    for character in text.chars() {
        if inside {
            titled.extend(character.to_lowercase());
        } else {
            titled.extend(character.to_uppercase());
        }
        inside = character.is_alphabetic();
    }
    titled
}
