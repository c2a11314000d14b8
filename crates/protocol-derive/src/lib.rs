//! The derive that turns a struct into versioned Kafka wire code.
//!
//! A struct is written once, in Rust, with what Kafka's schemas say about versions as attributes:
//!
//! ```ignore
//! /// Asks for a range of producer ids.
//! #[derive(Debug, Clone, PartialEq, Message)]
//! #[message(kind = request, key = 22, versions = 0..=6, flexible = 2.., unstable)]
//! pub struct InitProducerIdRequest {
//!     #[field(nullable = 0..)]
//!     pub transactional_id: Option<ByteString>,
//!     pub transaction_timeout_ms: i32,
//!     #[field(versions = 3.., default = -1)]
//!     pub producer_id: i64,
//! }
//! ```
//!
//! `#[derive(Message)]` is for what stands alone (a request, a response, a record of an internal
//! topic), `#[derive(Struct)]` for what stands inside one. Both also write `Default`, with Kafka's
//! defaults, and both need `PartialEq`. The code refers to `::protocol`, so any crate that depends
//! on it can use them.
//!
//! `#[message(…)]`: `kind` (`request`, `response`, `metadata`, `data`, `coordinator_key`,
//! `coordinator_value`), `versions`, `flexible` (left out: never), `key` (an API's or a record
//! type's number), `unstable` (the last version is not released).
//!
//! `#[field(…)]`, all of it optional: `versions` (left out: all), `nullable` (only on an
//! `Option`), `default` (`None`, a number or `true`; left out: zero, false, empty, and for an
//! `Option` an empty `Some`, as in Kafka), `tag`, `tagged` (left out: the field's versions),
//! `ignorable`, `name` (left out: the field's name in camel case).
//!
//! `#[named("…")]` on a struct inside a message: Kafka's name of it, where request and response use
//! one name for two structs.

mod attributes;
mod expand;

use proc_macro::TokenStream;

/// Derives `protocol::Message` for a request, a response or a record.
#[proc_macro_derive(Message, attributes(message, field))]
pub fn derive_message(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::message(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Derives `protocol::Struct` for a part of a message.
#[proc_macro_derive(Struct, attributes(named, field))]
pub fn derive_struct(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    expand::structure(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
