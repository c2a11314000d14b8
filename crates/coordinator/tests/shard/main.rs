//! A shard from outside: requests, writes that succeed or fail, time, and the log read again.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod commits;
mod deletions;
mod driver;
mod expiry;
mod members;
mod random;
mod replay;
mod transactions;
