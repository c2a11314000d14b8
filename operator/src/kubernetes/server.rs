//! The HTTP side of the operator: `/metrics`, `/livez`, `/readyz`.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tracing::warn;

use super::metrics::Metrics;

/// Connections served at a time.
const CONNECTIONS_MAX: usize = 32;
/// How long a client may take to send a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may stay open.
const CONNECTION_MAX: Duration = Duration::from_secs(60);
/// The largest head of a request.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// What is answered from.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    metrics: Metrics,
    ready: Arc<AtomicBool>,
}

impl Health {
    /// Not ready yet.
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self { metrics, ready: Arc::new(AtomicBool::new(false)) }
    }

    /// The API server has answered: we lead, or wait for our turn.
    pub(crate) fn set_ready(&self) {
        self.ready.store(true, Ordering::Relaxed);
    }

    fn answer(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        if method != Method::GET && method != Method::HEAD {
            return text(StatusCode::METHOD_NOT_ALLOWED, "only GET is answered here\n".to_owned());
        }
        match path {
            "/metrics" => text(StatusCode::OK, self.metrics.text()),
            "/livez" => text(StatusCode::OK, "alive\n".to_owned()),
            "/readyz" if self.ready.load(Ordering::Relaxed) => {
                text(StatusCode::OK, "ready\n".to_owned())
            }
            "/readyz" => text(
                StatusCode::SERVICE_UNAVAILABLE,
                "the API server has not answered yet\n".to_owned(),
            ),
            _ => text(StatusCode::NOT_FOUND, "try /metrics, /livez or /readyz\n".to_owned()),
        }
    }
}

/// Listens on this address.
pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener, health: Health) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let place = places.clone().acquire_owned().await.expect("the places are never closed");
        match listener.accept().await {
            Ok((stream, _)) => {
                let health = health.clone();
                tokio::spawn(async move {
                    serve_one(stream, health).await;
                    drop(place);
                });
            }
            Err(error) => {
                warn!(%error, "failed to accept a connection");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve_one(stream: TcpStream, health: Health) {
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = health.answer(request.method(), request.uri().path());
        async move { Ok::<_, Infallible>(answer) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    // Who asks may go away at any time; that is no news.
    drop(timeout(CONNECTION_MAX, connection).await);
}

fn text(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_once_the_api_server_has_answered() {
        let health = Health::new(Metrics::new());
        let status = |path| health.answer(&Method::GET, path).status();
        assert_eq!(status("/livez"), StatusCode::OK);
        assert_eq!(status("/readyz"), StatusCode::SERVICE_UNAVAILABLE);
        health.set_ready();
        assert_eq!(status("/readyz"), StatusCode::OK);
        assert_eq!(status("/elsewhere"), StatusCode::NOT_FOUND);
    }

    #[test]
    fn nothing_can_be_changed_here() {
        let health = Health::new(Metrics::new());
        let answer = health.answer(&Method::POST, "/metrics");
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
