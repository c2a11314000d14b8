//! A codec with the effort it shall make.

use super::{Codec, gzip, lz4, snappy, zstd};

/// How to compress records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Compression {
    codec: Codec,
    level: i32,
}

/// The level is none of the codec's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{codec} has no compression level {level}")]
pub struct InvalidLevel {
    /// The codec.
    pub codec: Codec,
    /// The level it does not have.
    pub level: i32,
}

impl Compression {
    /// Records as they are.
    pub const NONE: Compression = Compression { codec: Codec::None, level: 0 };

    /// The codec at Kafka's default level.
    #[must_use]
    pub fn new(codec: Codec) -> Compression {
        let level = match codec {
            Codec::None | Codec::Snappy => 0,
            Codec::Gzip => 6,
            Codec::Lz4 => 9,
            Codec::Zstd => 3,
        };
        Compression { codec, level }
    }

    /// The codec at one of Kafka's levels: gzip 1 to 9 or -1 for its default, lz4 1 to 17, zstd
    /// -131072 to 22. All levels of lz4 give the same result here.
    ///
    /// # Errors
    /// When the codec has no such level.
    pub fn with_level(codec: Codec, level: i32) -> Result<Compression, InvalidLevel> {
        let is_valid = match codec {
            Codec::None | Codec::Snappy => false,
            Codec::Gzip => level == -1 || (1..=9).contains(&level),
            Codec::Lz4 => (1..=17).contains(&level),
            Codec::Zstd => (-131_072..=22).contains(&level),
        };
        if is_valid { Ok(Compression { codec, level }) } else { Err(InvalidLevel { codec, level }) }
    }

    /// The codec.
    #[must_use]
    pub fn codec(self) -> Codec {
        self.codec
    }

    /// Appends the compressed `payload` to `out`.
    pub fn compress(self, payload: &[u8], out: &mut Vec<u8>) {
        match self.codec {
            Codec::None => out.extend_from_slice(payload),
            Codec::Gzip => gzip::compress(payload, self.level, out),
            Codec::Snappy => snappy::compress(payload, out),
            Codec::Lz4 => lz4::compress(payload, out),
            Codec::Zstd => zstd::compress(payload, self.level, out),
        }
    }
}

impl Default for Compression {
    fn default() -> Compression {
        Compression::NONE
    }
}
