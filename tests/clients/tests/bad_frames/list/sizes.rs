//! Wrong in what stands in front of every frame: its size.

use crate::bad_frame::{BadFrame, closed, frame, waited_for};
use client_tests::hostile;

const TOO_LARGE: &str = "more than the 104857600 of socket.request.max.bytes";

pub(crate) fn frames() -> Vec<BadFrame> {
    let good = hostile::request(18, 0, false, &[]);
    vec![
        frame("a size of -1", [0xff; 4], closed("a frame claims -1 bytes")),
        frame("the least size there is", [0x80, 0, 0, 0], closed("claims -2147483648 bytes")),
        frame("a size of 2 GiB", [0x7f, 0xff, 0xff, 0xff], closed(TOO_LARGE)),
        frame("one byte more than allowed", size(104_857_601), closed(TOO_LARGE)),
        frame("the largest size, and nothing more", size(104_857_600), waited_for()),
        frame(
            "the largest size, and a little",
            [size(104_857_600), vec![0; 9000]].concat(),
            waited_for(),
        ),
        frame("a frame of nothing", size(0), closed("header cannot be read")),
        frame("a frame of one byte", [0, 0, 0, 1, 0], closed("header cannot be read")),
        frame("three bytes of a size", [0, 0, 0], waited_for()),
        frame("a size, and nothing more", size(20), waited_for()),
        frame("half a request", &good[..good.len() / 2], waited_for()),
        frame("a request without its last byte", &good[..good.len() - 1], waited_for()),
        frame(
            "a size that ends within the header",
            shortened(&good),
            closed("header cannot be read"),
        ),
        frame("zeros", [0; 4096], closed("header cannot be read")),
        frame("HTTP", *b"GET / HTTP/1.1\r\nHost: broker\r\n\r\n", closed(TOO_LARGE)),
        frame("HTTP/2", *b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", closed(TOO_LARGE)),
        frame("the hello of TLS", tls_hello(), closed(TOO_LARGE)),
        frame("the greeting of SSH", *b"SSH-2.0-OpenSSH_9.9\r\n", closed(TOO_LARGE)),
        frame("a request of Redis", *b"*1\r\n$4\r\nPING\r\n", closed(TOO_LARGE)),
        frame("empty lines", *b"\r\n\r\n", closed(TOO_LARGE)),
    ]
}

fn size(bytes: i32) -> Vec<u8> {
    bytes.to_be_bytes().to_vec()
}

fn shortened(request: &[u8]) -> Vec<u8> {
    [&[0, 0, 0, 7], &request[4..]].concat()
}

/// The beginning of a TLS 1.2 handshake, with one suite of ciphers.
fn tls_hello() -> Vec<u8> {
    let hello = [&[3, 3][..], &[7; 32], &[0], &[0, 2, 0x13, 1], &[1, 0]].concat();
    let size = u8::try_from(hello.len()).expect("the hello is short");
    [&[22, 3, 1, 0, size + 4, 1, 0, 0, size][..], &hello].concat()
}
