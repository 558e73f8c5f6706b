//! Which features are on, and why.
