//! A whole broker without sockets, threads or tasks.

pub mod fetch_sessions;
