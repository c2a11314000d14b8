//! Whole clusters of nodes in one thread from one seed.
