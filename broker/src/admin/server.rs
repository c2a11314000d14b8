//! Serves HTTP/1.1 on the admin listener.

use std::{convert::Infallible, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use node::RecoveryView;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{JoinSet, spawn_blocking},
    time::{sleep, timeout},
};
use tracing::{debug, warn};

use super::readiness::{Readiness, State};
use crate::{
    network::Stop,
    telemetry::{Figures, Telemetry},
};

/// Connections served at a time.
const CONNECTIONS_MAX: usize = 64;
/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may stay open.
const CONNECTION_MAX: Duration = Duration::from_secs(600);
/// The largest head of a request.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// What is answered from.
pub struct Admin {
    /// The metrics.
    pub telemetry: Arc<Telemetry>,
    /// What is looked up for `/metrics` only.
    pub figures: Arc<dyn Figures>,
    /// For `/readyz`.
    pub readiness: Readiness,
}

impl fmt::Debug for Admin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Admin({:?})", self.readiness)
    }
}

/// Serves until the broker stops.
pub async fn serve(listener: TcpListener, admin: Arc<Admin>, stop: Stop) {
    let mut connections = JoinSet::new();
    tokio::select! {
        () = accept_all(&listener, &admin, &mut connections) => {}
        () = stop.wait() => {}
    }
    connections.shutdown().await;
}

async fn accept_all(listener: &TcpListener, admin: &Arc<Admin>, connections: &mut JoinSet<()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = places.clone().acquire_owned().await.expect("the places are never closed");
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, _)) => {
                let admin = admin.clone();
                connections.spawn(async move {
                    serve_one(stream, admin).await;
                    drop(place);
                });
            }
            Err(error) => {
                warn!(%error, "failed to accept an admin connection");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve_one(stream: TcpStream, admin: Arc<Admin>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let admin = admin.clone();
        async move { Ok::<_, Infallible>(admin.answer_aside(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    match timeout(CONNECTION_MAX, connection).await {
        Ok(Ok(())) | Err(_) => {}
        Ok(Err(error)) => debug!(%error, "an admin connection ended with an error"),
    }
}

impl Admin {
    /// Answers on a thread that serves no clients: the figures of many partitions take their time,
    /// and those of the volume may have to wait for it.
    async fn answer_aside(self: Arc<Admin>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let answered = spawn_blocking(move || self.answer(request.method(), request.uri().path()));
        answered.await.unwrap_or_else(|error| {
            warn!(%error, "failed to answer an admin request");
            text(StatusCode::INTERNAL_SERVER_ERROR, "failed\n".into())
        })
    }

    fn answer(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        if method != Method::GET && method != Method::HEAD {
            return text(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here\n".into());
        }
        match path {
            "/metrics" => {
                let mut response = text(StatusCode::OK, self.telemetry.text(&*self.figures));
                let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, kind);
                response
            }
            "/livez" => text(StatusCode::OK, "alive\n".into()),
            "/readyz" => self.readyz(),
            _ => text(StatusCode::NOT_FOUND, "try /metrics, /livez or /readyz\n".into()),
        }
    }

    fn readyz(&self) -> Response<Full<Bytes>> {
        let state = self.readiness.state();
        let (status, body) = match state.reason() {
            None => (StatusCode::OK, r#"{"ready":true}"#.to_owned()),
            Some(reason) => (StatusCode::SERVICE_UNAVAILABLE, self.unready(&state, reason)),
        };
        let mut response = text(status, body + "\n");
        let kind = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }

    fn unready(&self, state: &State, reason: &str) -> String {
        let recovery = match state {
            State::Starting(_) => self.figures.recovery(),
            State::Serving | State::Stopping => None,
        };
        match recovery {
            Some(RecoveryView { recovered, of }) if recovered < of => format!(
                r#"{{"ready":false,"reason":"recovering logs","recovered":{recovered},"of":{of}}}"#
            ),
            Some(_) | None => {
                format!(r#"{{"ready":false,"reason":{}}}"#, json_text(reason))
            }
        }
    }
}

fn text(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
}

/// A text as JSON writes it.
fn json_text(text: &str) -> String {
    let mut json = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            control if control.is_control() => json.push(' '),
            plain => json.push(plain),
        }
    }
    json.push('"');
    json
}
