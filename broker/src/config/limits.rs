//! The limits of the network side: sizes, counts and times beyond which a client is held back,
//! refused or closed.

use std::time::Duration;

use super::reader::Reader;

/// What `queued.max.request.bytes=-1` means here; Kafka has no bound then.
const REQUEST_BYTES_DEFAULT: i64 = 256 << 20;

/// What connections and requests may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// `num.network.threads`: threads that serve connections, at most one per core.
    pub network_threads: usize,
    /// `num.io.threads`: threads for what may wait for a disk.
    pub io_threads: usize,
    /// `num.recovery.threads.per.data.dir`: threads that open the logs at the start.
    pub recovery_threads: usize,
    /// `socket.request.max.bytes`: the largest frame.
    pub request_bytes_max: usize,
    /// `queued.max.request.bytes`: what all unanswered frames may take together; beyond it sockets
    /// are not read.
    pub queued_request_bytes_max: usize,
    /// `klamm.connection.requests.max`: requests of one connection that may wait for their answer.
    pub connection_requests_max: usize,
    /// `max.connections`, over all listeners.
    pub connections_max: usize,
    /// The most that `max.connections` can come to while the broker runs: what the process has
    /// descriptors for.
    pub connections_ceiling: usize,
    /// `max.connections.per.ip`.
    pub connections_per_ip_max: usize,
    /// `connections.max.idle.ms`.
    pub connection_idle_max: Duration,
    /// `socket.listen.backlog.size`.
    pub listen_backlog: i32,
    /// `socket.send.buffer.bytes`; none leaves it to the system.
    pub send_buffer_bytes: Option<usize>,
    /// `socket.receive.buffer.bytes`; none leaves it to the system.
    pub receive_buffer_bytes: Option<usize>,
    /// `fetch.max.bytes`: the most a fetch answers, whatever the client asks for.
    pub fetch_bytes_max: usize,
    /// `max.incremental.fetch.session.cache.slots`.
    pub fetch_sessions_max: usize,
    /// `max.request.partition.size.limit`: the most partitions one description answers.
    pub described_partitions_max: usize,
    /// `klamm.shutdown.grace.ms`: how long a stop waits for requests in flight.
    pub shutdown_grace: Duration,
}

impl Limits {
    pub(super) fn read(reader: &mut Reader) -> Limits {
        let request_bytes_max = reader.size("socket.request.max.bytes");
        Limits {
            network_threads: threads(reader, "num.network.threads"),
            io_threads: threads(reader, "num.io.threads"),
            recovery_threads: threads(reader, "num.recovery.threads.per.data.dir"),
            request_bytes_max,
            queued_request_bytes_max: queued_request_bytes(reader, request_bytes_max),
            connection_requests_max: reader.size("klamm.connection.requests.max"),
            connections_ceiling: usize::MAX,
            connections_max: reader.positive_size("max.connections"),
            connections_per_ip_max: reader.size("max.connections.per.ip"),
            connection_idle_max: reader.milliseconds("connections.max.idle.ms"),
            listen_backlog: listen_backlog(reader),
            send_buffer_bytes: socket_buffer(reader, "socket.send.buffer.bytes"),
            receive_buffer_bytes: socket_buffer(reader, "socket.receive.buffer.bytes"),
            fetch_bytes_max: reader.size("fetch.max.bytes"),
            fetch_sessions_max: reader.size("max.incremental.fetch.session.cache.slots"),
            shutdown_grace: Duration::from_millis(
                reader.number("klamm.shutdown.grace.ms").unsigned_abs(),
            ),
            described_partitions_max: reader.size("max.request.partition.size.limit"),
        }
    }
}

/// Kafka takes any number of threads; nobody means more than this.
fn threads(reader: &mut Reader, key: &'static str) -> usize {
    usize::try_from(reader.number_within(key, 1..=1024)).expect("the bounds are those of a usize")
}

fn queued_request_bytes(reader: &mut Reader, request_bytes_max: usize) -> usize {
    let key = "queued.max.request.bytes";
    let given = reader.number_within(key, -1..=1 << 40);
    let Ok(bytes) = usize::try_from(given) else {
        let default = usize::try_from(REQUEST_BYTES_DEFAULT).unwrap_or(usize::MAX);
        return default.max(request_bytes_max);
    };
    if bytes < request_bytes_max {
        let text = format!(
            "'{key}' is {bytes}, less than 'socket.request.max.bytes' ({request_bytes_max}): \
             the largest request would never be read"
        );
        reader.problem(key, text);
    }
    bytes
}

fn listen_backlog(reader: &mut Reader) -> i32 {
    let backlog = reader.number("socket.listen.backlog.size");
    i32::try_from(backlog).expect("the bounds are those of an i32")
}

fn socket_buffer(reader: &mut Reader, key: &'static str) -> Option<usize> {
    usize::try_from(reader.number_within(key, -1..=i64::from(i32::MAX)))
        .ok()
        .filter(|bytes| *bytes > 0)
}
