//! What probes and Prometheus get to see.

use std::sync::Arc;

use protocol::ApiKey;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{server::serve, *};
use crate::{
    network::Stop,
    telemetry::{Figures, Telemetry},
};

struct OneFigure;

impl Figures for OneFigure {
    fn write(&self, text: &mut String) {
        text.push_str("kafka_log_log_size 7\n");
    }
}

async fn start() -> (std::net::SocketAddr, Readiness, Stop) {
    let readiness = Readiness::starting("waiting for \"logs\"");
    let admin = Admin {
        telemetry: Arc::new(Telemetry::new(&[ApiKey::Produce])),
        figures: Arc::new(OneFigure),
        readiness: readiness.clone(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = Stop::default();
    tokio::spawn(serve(listener, Arc::new(admin), stop.clone()));
    (address, readiness, stop)
}

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn readyz_says_why_the_broker_is_not_ready() {
    let (address, readiness, _stop) = start().await;
    let answer = get(address, "/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains(r#"{"ready":false,"reason":"waiting for \"logs\""}"#), "{answer}");
    readiness.set(State::Serving);
    let answer = get(address, "/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    readiness.set(State::Stopping);
    assert!(get(address, "/readyz").await.starts_with("HTTP/1.1 503"));
}

#[tokio::test]
async fn livez_answers_whatever_the_readiness() {
    let (address, _, _stop) = start().await;
    assert!(get(address, "/livez").await.starts_with("HTTP/1.1 200"));
    assert!(get(address, "/other").await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn metrics_hold_counters_and_what_is_looked_up() {
    let (address, _, stop) = start().await;
    let answer = get(address, "/metrics").await;
    assert!(answer.contains("version=0.0.4"), "{answer}");
    assert!(answer.contains("kafka_log_log_size 7"), "{answer}");
    assert!(answer.contains("kafka_server_brokertopicmetrics_messagesin_total 0"), "{answer}");
    stop.set();
}
