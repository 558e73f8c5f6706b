//! A Fabric workspace is brought to the state that files describe.
//!
//! ```text
//! files ─▶ source ─▶ DesiredState ─┐
//!                                  ├─▶ Plan ─▶ execute ─▶ verify ─▶ Report
//! Fabric ─▶ client ─▶ ActualState ─┘
//! ```

pub mod content;
pub mod desired;
pub mod diagnostic;
pub mod document;
pub mod naming;
pub mod product;
pub mod parameter;
pub mod source;
pub mod item_type;
