//! Bytes of a connection: the broker cuts them into the same frames in whatever pieces they come,
//! reads a header from each, and the client takes any answer.

use bytes::Bytes;
use protocol::{
    Decoder, RequestHeader,
    messages::{ApiVersionsRequest, MetadataRequest},
    request_frame,
};

const SIZE_MAX: usize = 40_000;

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut requests = Vec::new();
    for version in 0..=4 {
        requests.extend(framed(request_frame(&ApiVersionsRequest::default(), version, 1, "chat")));
    }
    requests.extend(framed(request_frame(&MetadataRequest::default(), 12, 2, "chat")));
    let large = [&20_000_u32.to_be_bytes()[..], &[7; 20_000], &[0, 0, 0, 1, 9]].concat();
    vec![
        [&[200], &requests[..]].concat(),
        [&[3], &requests[..]].concat(),
        [&[255], &large[..]].concat(),
        vec![1, 0xff, 0xff, 0xff, 0xff],
    ]
}

fn framed(frame: Result<protocol::Frame, protocol::EncodeError>) -> Vec<u8> {
    let frame = frame.expect("the request is small");
    let bytes = frame.chunks.into_iter().map(|chunk| match chunk {
        protocol::Chunk::Bytes(bytes) => bytes,
        protocol::Chunk::Slot { .. } => unreachable!("a request has none"),
    });
    bytes.collect::<Vec<Bytes>>().concat()
}

pub(crate) fn check(data: &[u8]) {
    let [piece, stream @ ..] = data else { return };
    let piece = usize::from(*piece).pow(2) + 1;
    let frames = broker::network::frames_of(stream, piece, SIZE_MAX);
    assert_eq!(frames, cut(stream), "in pieces of {piece} bytes");
    frames.iter().for_each(check_header);
    client::read_as_from_a_broker(stream);
}

/// The whole frames at the start, up to one that claims too much.
fn cut(mut stream: &[u8]) -> Vec<Bytes> {
    let mut frames = Vec::new();
    while let Some((prefix, rest)) = stream.split_first_chunk::<4>() {
        let Ok(size) = usize::try_from(i32::from_be_bytes(*prefix)) else { break };
        if size > SIZE_MAX || size > rest.len() {
            break;
        }
        frames.push(Bytes::copy_from_slice(&rest[..size]));
        stream = &rest[size..];
    }
    frames
}

fn check_header(frame: &Bytes) {
    let Ok(header) = RequestHeader::decode(&mut Decoder::new(frame.clone())) else { return };
    let mut encoder = protocol::Encoder::new();
    header.encode(&mut encoder).expect("what was read can be written");
    let written = encoder.into_bytes().expect("it holds no slots");
    assert_eq!(RequestHeader::decode(&mut Decoder::new(written)), Ok(header));
}
