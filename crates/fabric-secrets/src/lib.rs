//! A secret by name.
