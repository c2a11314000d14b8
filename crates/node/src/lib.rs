//! A whole broker without sockets, threads or tasks.
