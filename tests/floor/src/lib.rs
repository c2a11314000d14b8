//! The floors: what the machine itself asks for what a broker does.
//!
//! # The messaging case
//!
//! A broker gets a record, stores it, says so, and passes it on. The [`server`] does just that with
//! the fewest system calls that readiness, ordinary files and sockets allow: for each message two
//! `recv` (the record, and the consumer's next request), one `pwrite`, two `send` (to the producer,
//! and to the consumer that waits), and `epoll_wait` as often as it has nothing else to do. Its
//! frames are as long as those that librdkafka and a broker exchange for the same record.
//!
//! It has no protocol: a frame's size is known beforehand and its first byte says everything. It
//! checks nothing, keeps no index, knows no offsets, no errors and no time, has one thread, and ends
//! when anything is not as it expects. What a real broker uses beyond it is the price of being one.
//!
//! The [`load`] drives it as barely. What the messaging case is, and how it is timed, is said in
//! [`case`], for other loads too.
//!
//! # Bytes
//!
//! Producing and consuming have floors of their own, programs that only [`receive`] and write, and
//! that only [`send`] a file. [`bulk`] drives both.

pub mod bulk;
pub mod case;
mod frames;
pub mod load;
pub mod receive;
pub mod send;
pub mod server;
