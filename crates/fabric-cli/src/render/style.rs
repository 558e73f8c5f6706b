//! Colours: one per meaning.

use anstyle::{AnsiColor, Style};

use crate::arguments::Color;
use crate::environment::is_set;
use crate::variables::{FORCE_COLOR, NO_COLOR};

pub(super) const CREATE: Style = AnsiColor::Green.on_default();
pub(super) const UPDATE: Style = AnsiColor::Yellow.on_default();
pub(super) const MOVE: Style = AnsiColor::Cyan.on_default();
pub(super) const DELETE: Style = AnsiColor::Red.on_default();
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default();
pub(super) const HINT: Style = AnsiColor::Cyan.on_default();
pub(super) const STRONG: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();

/// Sets when to colour for the whole process. `auto` looks at `NO_COLOR`, then `FORCE_COLOR`, then the terminal.
pub(crate) fn choose_color(color: Color) {
    let choice = match color {
        Color::Auto if is_set(&NO_COLOR) => anstream::ColorChoice::Never,
        Color::Auto if is_set(&FORCE_COLOR) => anstream::ColorChoice::Always,
        Color::Auto => return,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}
