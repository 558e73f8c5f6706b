//! Prints what is generated from the table of features.

use std::io::{self, Write};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", fabric_flags::markdown_table())?;
    writeln!(out, "{}", fabric_flags::env_section())?;
    writeln!(out, "{}", fabric_flags::help_text())?;
    writeln!(out, "{:#}\n", fabric_flags::json_schema())?;
    writeln!(out, "{:#}", fabric_flags::flag_file_schema())
}
