//! What stands in front of every request and response.
//!
//! Parsed by hand: key, version and correlation id are found at the same place whatever the
//! version, so that a request we cannot read still gets an answer.

use bytestring::ByteString;

use crate::{ApiKey, DecodeError, Decoder, EncodeError, Encoder, Format, Nullable};

/// What stands in front of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHeader {
    /// The number of the API, possibly one that does not exist: see [`ApiKey::from_code`].
    pub api_key: i16,
    /// The version of the request, possibly one that does not exist.
    pub api_version: i16,
    /// What the response must carry.
    pub correlation_id: i32,
    /// What the client calls itself.
    pub client_id: Option<ByteString>,
}

impl RequestHeader {
    /// Reads the header and leaves the decoder at the start of the request.
    ///
    /// Any key and version will do. Whether tagged fields end the header is decided as Kafka does:
    /// every version from the API's first flexible one has them, also those that are yet to come.
    ///
    /// # Errors
    /// The bytes are no header.
    pub fn decode(decoder: &mut Decoder) -> Result<RequestHeader, DecodeError> {
        let header = RequestHeader {
            api_key: decoder.i16()?,
            api_version: decoder.i16()?,
            correlation_id: decoder.i32()?,
            client_id: client_id(decoder)?,
        };
        if header.is_flexible() {
            decoder.skip_tagged_fields()?;
        }
        Ok(header)
    }

    /// Writes the header.
    ///
    /// # Errors
    /// The client's name is longer than 32767 bytes.
    pub fn encode(&self, encoder: &mut Encoder) -> Result<(), EncodeError> {
        encoder.put_i16(self.api_key);
        encoder.put_i16(self.api_version);
        encoder.put_i32(self.correlation_id);
        Nullable::encode_nullable(self.client_id.as_ref(), encoder, CLIENT_ID_FORMAT)?;
        if self.is_flexible() {
            encoder.put_no_tagged_fields();
        }
        Ok(())
    }

    /// Whether this is header version 2 rather than 1.
    fn is_flexible(&self) -> bool {
        ApiKey::from_code(self.api_key)
            .is_some_and(|key| key.flexible_versions().contains(self.api_version))
    }
}

/// What a client calls itself, which may be anything: as in Kafka, what is not UTF-8 is replaced, and
/// any negative length is null. Never longer than what was sent.
fn client_id(decoder: &mut Decoder) -> Result<Option<ByteString>, DecodeError> {
    let Ok(size) = usize::try_from(decoder.i16()?) else { return Ok(None) };
    let bytes = decoder.take(size)?;
    let replaced = |_| String::from_utf8_lossy(&bytes).replace('\u{fffd}', "?").into();
    Ok(Some(ByteString::try_from(bytes.clone()).unwrap_or_else(replaced)))
}

/// The client's name has a length of two bytes in every version, so that old brokers can read the
/// header of a new ApiVersions request.
const CLIENT_ID_FORMAT: Format = Format { version: 1, flexible: false };

/// What stands in front of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseHeader {
    /// That of the request.
    pub correlation_id: i32,
}

impl ResponseHeader {
    /// Reads the header of a response to a request of this key and version.
    ///
    /// # Errors
    /// The bytes are no header.
    pub fn decode(
        decoder: &mut Decoder,
        key: ApiKey,
        version: i16,
    ) -> Result<ResponseHeader, DecodeError> {
        let correlation_id = decoder.i32()?;
        if ResponseHeader::is_flexible(key, version) {
            decoder.skip_tagged_fields()?;
        }
        Ok(ResponseHeader { correlation_id })
    }

    /// Writes the header of a response to a request of this key and version.
    pub fn encode(self, encoder: &mut Encoder, key: ApiKey, version: i16) {
        encoder.put_i32(self.correlation_id);
        if ResponseHeader::is_flexible(key, version) {
            encoder.put_no_tagged_fields();
        }
    }

    /// Whether this is header version 1 rather than 0.
    ///
    /// Never for ApiVersions: its client does not know yet which versions the broker has (KIP-511).
    fn is_flexible(key: ApiKey, version: i16) -> bool {
        key != ApiKey::ApiVersions && key.flexible_versions().contains(version)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn header(api_key: i16, api_version: i16) -> RequestHeader {
        RequestHeader {
            api_key,
            api_version,
            correlation_id: 77,
            client_id: Some(ByteString::from_static("chat")),
        }
    }

    fn encoded(header: &RequestHeader) -> Bytes {
        let mut encoder = Encoder::new();
        header.encode(&mut encoder).unwrap();
        encoder.into_bytes().unwrap()
    }

    #[test]
    fn the_header_before_flexible_versions_has_no_tagged_fields() {
        let bytes = encoded(&header(0, 8));
        assert_eq!(&bytes[..], b"\x00\x00\x00\x08\x00\x00\x00\x4d\x00\x04chat");
    }

    #[test]
    fn the_flexible_header_keeps_the_long_length_of_the_client_id() {
        let bytes = encoded(&header(0, 9));
        assert_eq!(&bytes[..], b"\x00\x00\x00\x09\x00\x00\x00\x4d\x00\x04chat\x00");
    }

    #[test]
    fn key_version_and_correlation_id_are_read_whatever_they_are() {
        for (api_key, api_version) in [(18, 99), (18, -1), (0, 2), (999, 3), (-5, 0), (4, 7)] {
            let header = header(api_key, api_version);
            let mut decoder = Decoder::new(encoded(&header));
            assert_eq!(RequestHeader::decode(&mut decoder), Ok(header));
            assert_eq!(decoder.finish(), Ok(()));
        }
    }

    #[test]
    fn a_client_may_have_no_name() {
        let bytes = Bytes::from_static(b"\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff");
        let header = RequestHeader::decode(&mut Decoder::new(bytes)).unwrap();
        assert_eq!(header.client_id, None);
    }

    #[test]
    fn a_clients_name_may_be_any_bytes() {
        let bytes = Bytes::from_static(b"\x00\x12\x00\x00\x00\x00\x00\x01\x00\x03a\xff\xc3");
        let header = RequestHeader::decode(&mut Decoder::new(bytes)).unwrap();
        assert_eq!(header.client_id.as_deref(), Some("a??"));
        let bytes = Bytes::from_static(b"\x00\x12\x00\x00\x00\x00\x00\x01\xff\xfe");
        let header = RequestHeader::decode(&mut Decoder::new(bytes)).unwrap();
        assert_eq!(header.client_id, None, "any negative length is null");
    }

    #[test]
    fn tagged_fields_of_a_request_header_are_passed_over() {
        let mut bytes = encoded(&header(3, 12)).to_vec();
        bytes.pop();
        bytes.extend_from_slice(b"\x01\x09\x03abcBODY");
        let mut decoder = Decoder::new(bytes.into());
        assert_eq!(RequestHeader::decode(&mut decoder), Ok(header(3, 12)));
        assert_eq!(decoder.remaining(), 4);
    }

    #[test]
    fn the_response_header_of_api_versions_is_never_flexible() {
        for version in 0..=5 {
            let mut encoder = Encoder::new();
            ResponseHeader { correlation_id: 1 }.encode(&mut encoder, ApiKey::ApiVersions, version);
            assert_eq!(encoder.size(), 4);
        }
        let mut encoder = Encoder::new();
        ResponseHeader { correlation_id: 1 }.encode(&mut encoder, ApiKey::Produce, 9);
        assert_eq!(encoder.size(), 5);
    }
}
