//! What happened, for others to read.
