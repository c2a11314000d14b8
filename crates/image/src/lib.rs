//! Container images as one OCI archive, written without an engine.
//!
//! An image is a tree of files ([`Tree`]) and how its program is started ([`Start`]). The same of
//! both gives the same bytes: no time, no owner and no order of the machine gets in.

mod archive;
pub mod klamm;
pub mod libraries;
mod tree;

pub use archive::{Compression, Image, Start};
pub use tree::Tree;
