//! The `fabric-cli` command line.

fn main() {}
