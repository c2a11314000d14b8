//! What is counted at the sockets.

use prometheus::{IntCounter, IntGauge, Registry};

use super::{counter, gauge};

/// Connections and the bytes that pass through them.
#[derive(Debug, Clone)]
pub struct NetworkMetrics {
    /// Open connections.
    pub connections: IntGauge,
    /// Connections that were opened.
    pub connections_opened: IntCounter,
    /// Connections refused by a limit.
    pub connections_refused: IntCounter,
    /// Connections closed for what the client sent.
    pub connections_failed: IntCounter,
    /// Bytes of requests.
    pub bytes_received: IntCounter,
    /// Bytes of answers.
    pub bytes_sent: IntCounter,
}

impl NetworkMetrics {
    /// Registers the metrics.
    #[must_use]
    pub fn new(registry: &Registry) -> NetworkMetrics {
        let prefix = "kafka_server_socket_server_metrics";
        NetworkMetrics {
            connections: gauge(
                registry,
                &format!("{prefix}_connection_count"),
                "Open client connections",
            ),
            connections_opened: counter(
                registry,
                &format!("{prefix}_connection_creation_total"),
                "Client connections opened since the start",
            ),
            connections_refused: counter(
                registry,
                "klamm_connections_refused_total",
                "Client connections refused because a limit was reached",
            ),
            connections_failed: counter(
                registry,
                "klamm_connections_failed_total",
                "Client connections closed for what the client sent",
            ),
            bytes_received: counter(
                registry,
                &format!("{prefix}_incoming_byte_total"),
                "Bytes of requests received",
            ),
            bytes_sent: counter(
                registry,
                &format!("{prefix}_outgoing_byte_total"),
                "Bytes of answers sent",
            ),
        }
    }
}
