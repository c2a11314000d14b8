//! What comes from a broker, read without a broker: how a test feeds the client any bytes.

use protocol::messages::MetadataRequest;
use tokio::io::sink;

use crate::{
    Broken, Cluster,
    connection::{read_answer, read_response},
    handshake::exchange_versions,
};

/// A frame larger than this is refused.
const FRAME_SIZE_MAX: usize = 1 << 20;

/// Takes the bytes for what a broker sends: the exchange of versions, then answers to requests for
/// metadata, as many as there are.
#[doc(hidden)]
pub fn read_as_from_a_broker(bytes: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime without sockets and timers needs nothing");
    // What the bytes mean is nobody's business here, only that reading them ends.
    let _ = runtime.block_on(read_all(bytes));
}

async fn read_all(mut broker: &[u8]) -> Result<(), Broken> {
    let exchanged = exchange_versions(&mut broker, &mut sink(), "test", FRAME_SIZE_MAX).await;
    let best = exchanged.ok().and_then(|known| known.best::<MetadataRequest>());
    let version = best.unwrap_or(12);
    loop {
        let expected = broker.get(4..8).and_then(|bytes| bytes.first_chunk());
        let expected = expected.map_or(0, |bytes| i32::from_be_bytes(*bytes));
        let answer = read_answer(&mut broker, FRAME_SIZE_MAX, expected).await?;
        if let Ok(response) = read_response::<MetadataRequest>(answer, version) {
            let _ = Cluster::of(&response);
        }
    }
}
