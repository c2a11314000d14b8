//! Every key of Kafka's configuration, once: what values it can have, what it does here, and where
//! the value that holds comes from.
//!
//! There is no other list of keys. Pure: it knows texts and values, no file and no wire.

mod accept;
pub mod describe;
mod document;
pub mod dynamic;
mod key;
pub mod keys;
mod layers;
pub mod together;
mod valid;
mod value;

pub use document::document;
pub use key::{Default, Effect, Importance, Key, Kind, Shape, Unit, Update};
pub use keys::Keys;
pub use layers::{Layers, Source, Texts};
pub use valid::{Invalid, Valid};
pub use value::Value;
