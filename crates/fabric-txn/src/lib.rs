//! All or nothing, across crashes.
