//! Accepts connections and owns the tasks that serve them.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tracing::{debug, info, warn};

use super::{
    Shared,
    admission::{Admission, Place},
    connection::{Closed, Connection},
    service::{Client, Service},
};
use crate::config::{Address, Limits};

/// How long to wait when the system has no descriptor for another connection.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);

/// Binds a listening socket.
///
/// # Errors
/// When the address cannot be resolved or is taken; the error names it.
pub async fn bind(address: &Address, limits: &Limits) -> io::Result<TcpListener> {
    let host = if address.host.is_empty() { "0.0.0.0" } else { address.host.as_str() };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    let resolved = tokio::net::lookup_host((host, address.port)).await;
    for resolved in resolved.map_err(|error| named(address, &error))? {
        match bind_one(resolved, limits) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(named(address, &last))
}

fn named(address: &Address, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("failed to listen on {address}: {error}"))
}

fn bind_one(address: SocketAddr, limits: &Limits) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    // Accepted sockets inherit the buffers; the receive window is agreed on before accept returns.
    if let Some(bytes) = limits.receive_buffer_bytes {
        socket.set_recv_buffer_size(bytes)?;
    }
    if let Some(bytes) = limits.send_buffer_bytes {
        socket.set_send_buffer_size(bytes)?;
    }
    socket.bind(&address.into())?;
    socket.listen(limits.listen_backlog)?;
    TcpListener::from_std(socket.into())
}

/// Accepts connections of one listener until the broker stops; then waits for those that are open
/// to finish what they began, at most for the grace of the limits.
pub async fn serve<S: Service>(listener: TcpListener, index: usize, shared: Arc<Shared<S>>) {
    let mut connections = JoinSet::new();
    tokio::select! {
        () = accept_all(&listener, index, &shared, &mut connections) => {}
        () = shared.stop.wait() => {}
    }
    drop(listener);
    let all_closed = async { while connections.join_next().await.is_some() {} };
    if timeout(shared.limits.shutdown_grace, all_closed).await.is_err() {
        info!(left = connections.len(), "closing connections that did not finish in time");
    }
    connections.shutdown().await;
}

async fn accept_all<S: Service>(
    listener: &TcpListener,
    index: usize,
    shared: &Arc<Shared<S>>,
    connections: &mut JoinSet<()>,
) {
    loop {
        let place = shared.admission.free_place().await;
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "failed to accept a connection");
                sleep(ACCEPT_RETRY).await;
                continue;
            }
        };
        match Admission::admit(peer.ip(), place) {
            Some(place) => {
                let client = Client { peer, listener: index };
                connections.spawn(serve_one(stream, client, shared.clone(), place));
            }
            None => {
                shared.metrics.connections_refused.inc();
                debug!(%peer, "refused a connection: max.connections.per.ip is reached");
            }
        }
    }
}

async fn serve_one<S: Service>(
    stream: TcpStream,
    client: Client,
    shared: Arc<Shared<S>>,
    _place: Place,
) {
    let peer = client.peer;
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%peer, %error, "failed to set TCP_NODELAY");
        return;
    }
    shared.metrics.connections_opened.inc();
    shared.metrics.connections.inc();
    let closed = Box::pin(Connection::new(stream, client, shared.clone()).run()).await;
    shared.metrics.connections.dec();
    match closed {
        Closed::ByClient | Closed::Stopped | Closed::Idle => debug!(%peer, "closed: {closed}"),
        Closed::Io(_) => debug!(%peer, "closed: {closed}"),
        Closed::Malformed(_) | Closed::Refused(_) | Closed::Stalled => {
            shared.metrics.connections_failed.inc();
            info!(%peer, "closed the connection: {closed}");
        }
    }
}
