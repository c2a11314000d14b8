//! Frames: four bytes of length, then a header and a message.

use crate::{Chunk, EncodeError, Encoder, Message, Request, RequestHeader, ResponseHeader};

/// A whole frame, ready for one vectored write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The pieces, the length in front of the first.
    pub chunks: Vec<Chunk>,
    /// How many bytes there are in all, the length and the slots included.
    pub size: usize,
}

/// Why a frame is not even read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The length is negative.
    #[error("the frame says it has {0} bytes")]
    Negative(i32),
    /// The length exceeds what we are willing to hold.
    #[error("the frame of {size} bytes exceeds the limit of {limit}")]
    TooLarge {
        /// What the frame says.
        size: usize,
        /// `socket.request.max.bytes`, for example.
        limit: usize,
    },
}

/// How many bytes follow the four bytes of length.
///
/// # Errors
/// The length is negative or exceeds the limit.
pub fn frame_size(prefix: [u8; 4], limit: usize) -> Result<usize, FrameError> {
    let said = i32::from_be_bytes(prefix);
    match usize::try_from(said) {
        Err(_) => Err(FrameError::Negative(said)),
        Ok(size) if size > limit => Err(FrameError::TooLarge { size, limit }),
        Ok(size) => Ok(size),
    }
}

/// The frame of a request.
///
/// # Errors
/// The version does not exist or cannot carry what the request says.
pub fn request_frame<R: Request>(
    request: &R,
    version: i16,
    correlation_id: i32,
    client_id: &str,
) -> Result<Frame, EncodeError> {
    let header = RequestHeader {
        api_key: R::KEY.code(),
        api_version: version,
        correlation_id,
        client_id: Some(client_id.into()),
    };
    let mut encoder = Encoder::framed();
    header.encode(&mut encoder)?;
    Message::encode(request, &mut encoder, version)?;
    finished(encoder)
}

/// The frame of a response to a request of this type and version.
///
/// # Errors
/// The version does not exist or cannot carry what the response says.
pub fn response_frame<R: Request>(
    response: &R::Response,
    version: i16,
    correlation_id: i32,
) -> Result<Frame, EncodeError> {
    let mut encoder = Encoder::framed();
    ResponseHeader { correlation_id }.encode(&mut encoder, R::KEY, version);
    Message::encode(response, &mut encoder, version)?;
    finished(encoder)
}

fn finished(encoder: Encoder) -> Result<Frame, EncodeError> {
    let size = encoder.size();
    Ok(Frame { chunks: encoder.into_frame()?, size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_checked_before_anything_is_read() {
        assert_eq!(frame_size([0, 0, 1, 0], 256), Ok(256));
        let too_large = FrameError::TooLarge { size: 257, limit: 256 };
        assert_eq!(frame_size([0, 0, 1, 1], 256), Err(too_large));
        let two_gigabytes = FrameError::TooLarge { size: 0x7fff_ffff, limit: 256 };
        assert_eq!(frame_size([0x7f, 0xff, 0xff, 0xff], 256), Err(two_gigabytes));
        assert_eq!(frame_size([0xff; 4], 256), Err(FrameError::Negative(-1)));
    }
}
