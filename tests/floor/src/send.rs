//! The floor under consuming: a file goes to sockets by `sendfile`, and that is all.

use anyhow::{Result, anyhow};
use std::fs::File;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::thread;

/// More than a socket takes at once.
const AT_ONCE: usize = 16 << 20;

/// Takes the connections and sends the whole file over each of them, in a thread of its own.
///
/// # Errors
/// When a socket or the file fails.
pub fn serve(listener: &TcpListener, file: &Path, connections: usize) -> Result<()> {
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..connections {
            let (connection, _) = listener.accept()?;
            threads.push(scope.spawn(move || send(&connection, file)));
        }
        for thread in threads {
            thread.join().map_err(|_| anyhow!("a sender's thread panicked"))??;
        }
        Ok(())
    })
}

fn send(connection: &TcpStream, file: &Path) -> Result<()> {
    let file = File::open(file)?;
    while rustix::fs::sendfile(connection, &file, None, AT_ONCE)? > 0 {}
    Ok(connection.shutdown(Shutdown::Write)?)
}
