//! The shell around a node: sockets, threads, disks, HTTP, metrics.
