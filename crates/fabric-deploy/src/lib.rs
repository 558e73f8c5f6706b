#![doc = include_str!("../README.md")]
//!
//! # How it flows
//!
//! ```text
//! files ─▶ source ─▶ DesiredState ─┐
//!                                  ├─▶ Plan ─▶ execute ─▶ verify ─▶ Report
//! Fabric ─▶ client ─▶ ActualState ─┘
//! ```

pub mod actual;
mod canonical;
pub mod config_file;
pub mod content;
pub mod desired;
pub mod diagnostic;
pub mod document;
pub mod error;
pub mod execute;
pub mod export;
pub mod git;
pub mod item_type;
mod logical_id;
pub mod naming;
pub mod parameter;
pub mod plan;
pub mod principals;
pub mod product;
mod python_regex;
pub mod report;
pub mod secret;
pub mod selection;
pub mod source;
pub mod transaction;
