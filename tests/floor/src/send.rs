//! The floor under consuming: a file goes to a socket by `sendfile`, and that is all.

use anyhow::Result;
use std::fs::File;
use std::net::{Shutdown, TcpListener};
use std::path::Path;

/// More than a socket takes at once.
const AT_ONCE: usize = 16 << 20;

/// Takes one connection and sends it the whole file.
///
/// # Errors
/// When the socket or the file fails.
pub fn serve(listener: &TcpListener, file: &Path) -> Result<()> {
    let (connection, _) = listener.accept()?;
    let file = File::open(file)?;
    while rustix::fs::sendfile(&connection, &file, None, AT_ONCE)? > 0 {}
    Ok(connection.shutdown(Shutdown::Write)?)
}
