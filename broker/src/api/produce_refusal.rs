//! Produce before version 3: advertised, since librdkafka else thinks that the broker knows no
//! compression (KAFKA-18659), and refused, since its message formats are gone.

use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;
use protocol::{DecodeError, Decoder, Encoder, ErrorCode};

use super::call::Call;
use crate::{network::Order, shell::Shell};

/// Topics and partitions that a request names.
type Named = Vec<(ByteString, Vec<i32>)>;

pub(super) fn call(shell: &Arc<Shell>, call: Call, mut decoder: Decoder) -> Order {
    match read(&mut decoder) {
        Ok((0, _)) => call.close(&shell.desk, "Produce before version 3 is not served".to_owned()),
        Ok((_, named)) => {
            let version = call.version;
            call.answer_raw(&shell.desk, &|encoder| write(encoder, version, &named));
        }
        Err(error) => call.close(&shell.desk, format!("an old Produce cannot be read: {error}")),
    }
    Order::Alone
}

/// The answer to the body of such a request, or none when it ends its connection: how a test feeds the
/// broker any bytes without a socket.
#[doc(hidden)]
#[must_use]
pub fn answer_to_old_produce(version: i16, body: Bytes) -> Option<Bytes> {
    let (acks, named) = read(&mut Decoder::new(body)).ok()?;
    let mut answer = Encoder::new();
    write(&mut answer, version, &named);
    (acks != 0).then(|| answer.into_bytes().expect("it holds no slots"))
}

/// Reads the acks and what is named.
fn read(decoder: &mut Decoder) -> Result<(i16, Named), DecodeError> {
    let acks = decoder.i16()?;
    let _timeout = decoder.i32()?;
    let mut named = Named::new();
    for _ in 0..count(decoder)? {
        decoder.charge(size_of::<(ByteString, Vec<i32>)>())?;
        let size = usize::try_from(decoder.i16()?).unwrap_or(0);
        let name = decoder.text(size)?;
        let mut partitions = Vec::new();
        for _ in 0..count(decoder)? {
            decoder.charge(size_of::<i32>())?;
            partitions.push(decoder.i32()?);
            let records = usize::try_from(decoder.i32()?).unwrap_or(0);
            decoder.skip(records)?;
        }
        named.push((name, partitions));
    }
    Ok((acks, named))
}

/// A number of elements, which may be wrong: each of them is charged when it comes.
fn count(decoder: &mut Decoder) -> Result<i32, DecodeError> {
    decoder.i32()
}

fn write(encoder: &mut Encoder, version: i16, named: &Named) {
    const NO_OFFSET: i64 = -1;
    encoder.put_i32(length(named.len()));
    for (name, partitions) in named {
        let size = i16::try_from(name.len()).expect("the name was read with such a length");
        encoder.put_i16(size);
        encoder.put_bytes(name.as_bytes());
        encoder.put_i32(length(partitions.len()));
        for partition in partitions {
            encoder.put_i32(*partition);
            encoder.put_i16(ErrorCode::UnsupportedVersion as i16);
            encoder.put_i64(NO_OFFSET);
            if version >= 2 {
                encoder.put_i64(NO_OFFSET);
            }
        }
    }
    if version >= 1 {
        encoder.put_i32(0);
    }
}

fn length(count: usize) -> i32 {
    i32::try_from(count).expect("as many were read from one frame")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_of_an_old_request_is_told_that_the_version_is_not_supported() {
        let mut request = Encoder::new();
        request.put_bytes(b"\0\x01\0\0\0\x64\0\0\0\x01\0\x04chat\0\0\0\x01\0\0\0\x07\0\0\0\x03abc");
        let (acks, named) = read(&mut Decoder::new(request.into_bytes().unwrap())).unwrap();
        assert_eq!((acks, named.len()), (1, 1));
        let mut answer = Encoder::new();
        write(&mut answer, 2, &named);
        let expected: &[u8] = b"\0\0\0\x01\0\x04chat\0\0\0\x01\0\0\0\x07\0\x23\
            \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0";
        assert_eq!(answer.into_bytes().unwrap(), expected);
    }

    #[test]
    fn counts_that_lie_are_refused_without_memory() {
        let mut request = Encoder::new();
        request.put_bytes(b"\0\x01\0\0\0\x64\x7f\xff\xff\xff");
        assert!(read(&mut Decoder::new(request.into_bytes().unwrap())).is_err());
    }
}
