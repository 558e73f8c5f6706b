//! A parameter file is read whole or refused, and changes what it names and nothing else.

mod bindings;
mod find_replace;
mod key_value_replace;
mod layout;
mod looked_up;
mod reading;
mod secrets;
mod spark_pool;
mod variables;

pub(crate) use crate::source::{Folder, id, item, notebook_text, parts, text};

/// A folder with one notebook of this text and this parameter file.
pub(crate) fn folder(text: &str, parameters: &str) -> Folder {
    let folder = Folder::new();
    folder.notebook("A", &id(1), text).file("parameter.yml", parameters);
    folder
}
