//! The built binary, as a user runs it.
