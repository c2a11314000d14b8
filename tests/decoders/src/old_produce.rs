//! Produce before version 3, which is read only to be refused: the answer is not much longer than what
//! was asked.

use bytes::Bytes;

/// Of the acknowledgements, the time-out and the counts.
const FIXED: usize = 64;

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let topic = b"\0\x04chat\0\0\0\x01\0\0\0\x07\0\0\0\x03abc";
    let one = [&b"\0\x01\0\0\0\x64\0\0\0\x01"[..], topic].concat();
    let two = [&b"\xff\xff\0\0\0\x64\0\0\0\x02"[..], topic, topic].concat();
    let versions =
        [0, 1, 2].map(|version| [[&[version], &one[..]].concat(), [&[version], &two[..]].concat()]);
    versions.concat()
}

pub(crate) fn check(data: &[u8]) {
    let [version, body @ ..] = data else { return };
    let version = i16::from(version % 3);
    let body = Bytes::copy_from_slice(body);
    if let Some(answer) = broker::answer_to_old_produce(version, body.clone()) {
        assert!(answer.len() <= FIXED + 3 * body.len(), "{} bytes", answer.len());
    }
}
