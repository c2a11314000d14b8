//! Which broker holds which replica.
