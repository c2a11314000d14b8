//! What probes and Prometheus get to see.

use std::sync::{Arc, Mutex};

use node::RecoveryView;
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

struct OneFigure(Mutex<Option<RecoveryView>>);

impl Figures for OneFigure {
    fn write(&self, text: &mut String) {
        text.push_str("kafka_log_log_size 7\n");
    }

    fn recovery(&self) -> Option<RecoveryView> {
        *self.0.lock().unwrap()
    }
}

async fn start() -> (std::net::SocketAddr, Readiness, Stop) {
    let (address, readiness, stop, _) = start_with_figures().await;
    (address, readiness, stop)
}

async fn start_with_figures() -> (std::net::SocketAddr, Readiness, Stop, Arc<OneFigure>) {
    let figures = Arc::new(OneFigure(Mutex::new(None)));
    let readiness = Readiness::starting("waiting for \"logs\"");
    let admin = Admin {
        telemetry: Arc::new(Telemetry::new(&[ApiKey::Produce])),
        figures: figures.clone(),
        readiness: readiness.clone(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = Stop::default();
    tokio::spawn(serve(listener, Arc::new(admin), stop.clone()));
    (address, readiness, stop, figures)
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
async fn while_logs_are_recovered_readyz_says_how_far_it_has_come_and_livez_that_it_lives() {
    let (address, readiness, _stop, figures) = start_with_figures().await;
    *figures.0.lock().unwrap() = Some(RecoveryView { recovered: 37, of: 120 });
    let answer = get(address, "/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let said = r#"{"ready":false,"reason":"recovering logs","recovered":37,"of":120}"#;
    assert!(answer.contains(said), "{answer}");
    assert!(get(address, "/livez").await.starts_with("HTTP/1.1 200"));
    *figures.0.lock().unwrap() = Some(RecoveryView { recovered: 120, of: 120 });
    assert!(get(address, "/readyz").await.contains("waiting for"));
    *figures.0.lock().unwrap() = Some(RecoveryView { recovered: 37, of: 120 });
    readiness.set(State::Stopping);
    assert!(get(address, "/readyz").await.contains("the broker stops"));
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
    assert!(answer.contains("kafka_server_socket_server_metrics_connection_count 0"), "{answer}");
    stop.set();
}
