//! Ports that nobody uses.

use anyhow::{Context, Result};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// A broker takes the client's port and those 10,000, 15,000 and 20,000 above it.
const STEPS: [u16; 4] = [0, 10_000, 15_000, 20_000];

/// With all steps below the ports that the kernel gives to outgoing connections, and no step of one
/// broker on the port of another.
const FIRST: u16 = 5_000;
const COUNT: u16 = 4_000;

/// A port that is free together with those a broker derives from it, another one at each call.
pub fn free() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test programs that run side by side begin at different places.
    let process = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap_or_default();
    let candidates = (0..COUNT).map(|_| {
        let step = NEXT.fetch_add(7, Ordering::Relaxed);
        FIRST + (process.wrapping_mul(101).wrapping_add(step)) % COUNT
    });
    candidates.into_iter().find(|port| all_free(*port)).context("failed to find a free port")
}

fn all_free(port: u16) -> bool {
    let can_listen = |step: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port + step)).is_ok();
    STEPS.iter().all(can_listen)
}
