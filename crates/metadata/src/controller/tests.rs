//! What the decisions write, by example.
