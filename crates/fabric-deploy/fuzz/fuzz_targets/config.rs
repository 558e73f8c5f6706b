//! Any bytes at all in the place of a `config.yml`.
#![no_main]

#[path = "../../tests/deploy/inputs/reader.rs"]
mod reader;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reader::config(bytes));
