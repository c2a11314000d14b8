//! The five ways to compress the records of a batch.
//!
//! Decompression is streamed and ends at a limit that the caller names. What compressed data says
//! about its own size is checked, never believed.

mod compression;
mod gzip;
mod lz4;
mod snappy;
mod stream;
mod zstd;

use std::{
    borrow::Cow,
    fmt,
    io::{self, Read},
};

pub use compression::{Compression, InvalidLevel};
pub(super) use stream::Stream;

/// How the records of a batch are compressed; the lowest three bits of the attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Codec {
    /// Not at all.
    None,
    /// gzip, possibly of several members.
    Gzip,
    /// Snappy in the framing of the xerial library; raw Snappy is read, too.
    Snappy,
    /// The LZ4 frame format.
    Lz4,
    /// Zstandard.
    Zstd,
}

/// Why compressed records cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecompressError {
    /// The data is not what the codec writes.
    #[error("{codec} data is damaged: {reason}")]
    Damaged {
        /// The codec that the batch names.
        codec: Codec,
        /// What the codec's library has to say.
        reason: String,
    },
    /// There is more than the reader is willing to take.
    #[error("records take more than {limit} bytes when decompressed")]
    TooLarge {
        /// How many bytes the reader takes.
        limit: usize,
    },
}

impl Codec {
    /// All codecs.
    pub const ALL: [Codec; 5] = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];

    /// The name in Kafka's configuration and tools.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Codec::None => "none",
            Codec::Gzip => "gzip",
            Codec::Snappy => "snappy",
            Codec::Lz4 => "lz4",
            Codec::Zstd => "zstd",
        }
    }

    pub(super) fn from_bits(bits: i16) -> Option<Codec> {
        usize::try_from(bits).ok().and_then(|index| Codec::ALL.get(index).copied())
    }

    pub(super) fn bits(self) -> i16 {
        match self {
            Codec::None => 0,
            Codec::Gzip => 1,
            Codec::Snappy => 2,
            Codec::Lz4 => 3,
            Codec::Zstd => 4,
        }
    }

    /// Decompresses at most `size_max` bytes; what is not compressed is borrowed at any size.
    ///
    /// # Errors
    /// When the data is damaged or larger than that.
    pub fn decompress(
        self,
        stored: &[u8],
        size_max: usize,
    ) -> Result<Cow<'_, [u8]>, DecompressError> {
        if self == Codec::None {
            return Ok(Cow::Borrowed(stored));
        }
        let mut bytes = Vec::new();
        let one_too_many = u64::try_from(size_max).map_or(u64::MAX, |size| size.saturating_add(1));
        let mut reader = self.reader(stored)?.take(one_too_many);
        reader.read_to_end(&mut bytes).map_err(|error| self.damaged(&error))?;
        if bytes.len() > size_max {
            return Err(DecompressError::TooLarge { limit: size_max });
        }
        Ok(Cow::Owned(bytes))
    }

    /// Decompresses a buffer at a time; fails after `size_max` bytes.
    pub(super) fn stream(
        self,
        stored: &[u8],
        size_max: usize,
    ) -> Result<Stream<'_>, DecompressError> {
        Ok(Stream::new(self, self.reader(stored)?, size_max))
    }

    fn reader(self, stored: &[u8]) -> Result<Box<dyn Read + '_>, DecompressError> {
        Ok(match self {
            Codec::None => Box::new(stored),
            Codec::Gzip => Box::new(gzip::reader(stored)),
            Codec::Snappy => Box::new(snappy::Reader::new(stored)),
            Codec::Lz4 => Box::new(lz4::reader(stored)),
            Codec::Zstd => Box::new(zstd::reader(stored).map_err(|error| self.damaged(&error))?),
        })
    }

    fn damaged(self, error: &io::Error) -> DecompressError {
        DecompressError::Damaged { codec: self, reason: error.to_string() }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
