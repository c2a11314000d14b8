//! The cluster's metadata: its records, the image they add up to, and the controller's decisions.
//!
//! [`records`] are Kafka's, so that its tools read our log, and [`batch`] puts them into it.
//! [`Image`] is the immutable value that brokers serve from, replaced as a whole, and [`snapshot`]
//! writes it down. [`controller`] decides what is written next. All of it is pure: no clock, no
//! disk, no random source; ids and offsets are handed in.

pub mod batch;
pub mod controller;
pub mod image;
pub mod records;
pub mod snapshot;

pub use image::Image;
