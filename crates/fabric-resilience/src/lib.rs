//! A call survives a bad network.
