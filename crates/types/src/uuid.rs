//! Kafka's UUIDs: 16 bytes, written as 22 characters of URL-safe base64.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// 128 bits that name a topic, a log folder or a cluster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Uuid([u8; 16]);

/// Why a text is no UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a UUID of 22 base64 characters")]
pub struct InvalidUuid(String);

impl Uuid {
    /// "No id", as Kafka writes it.
    pub const ZERO: Uuid = Uuid([0; 16]);

    /// The UUID with these bytes, in network order.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Uuid {
        Uuid(bytes)
    }

    /// The UUID with this value.
    #[must_use]
    pub const fn from_u128(value: u128) -> Uuid {
        Uuid(value.to_be_bytes())
    }

    /// A version 4 UUID made of 128 random bits, of which six are overwritten.
    ///
    /// Kafka's reserved ids and ids whose text begins with `-` are avoided by drawing again, which
    /// is up to the caller: see [`Uuid::is_usable`].
    #[must_use]
    pub const fn from_random(bits: u128) -> Uuid {
        let mut bytes = bits.to_be_bytes();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Uuid(bytes)
    }

    /// Whether Kafka would accept this as a random id: not reserved, no `-` in front, which a
    /// command line would take for an option.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        u128::from_be_bytes(self.0) > 100 && !self.to_string().starts_with('-')
    }

    /// The 16 bytes in network order.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Whether this is "no id".
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Uuid::ZERO
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Uuid {
    type Err = InvalidUuid;

    fn from_str(text: &str) -> Result<Uuid, InvalidUuid> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidUuid(text.to_owned()))?;
        bytes.try_into().map(Uuid).map_err(|_| InvalidUuid(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kafkas_base64() {
        // `Uuid.METADATA_TOPIC_ID.toString()` in Kafka.
        assert_eq!(Uuid::from_u128(1).to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!("AAAAAAAAAAAAAAAAAAAAAQ".parse(), Ok(Uuid::from_u128(1)));
        assert!("AAAA".parse::<Uuid>().is_err());
        assert!("not a uuid at all!!!!!".parse::<Uuid>().is_err());
    }

    #[test]
    fn random_ids_carry_the_version_and_avoid_the_reserved_ones() {
        let id = Uuid::from_random(u128::MAX);
        assert_eq!(id.as_bytes()[6] >> 4, 4);
        assert_eq!(id.as_bytes()[8] >> 6, 2);
        assert!(!Uuid::from_u128(1).is_usable());
    }
}
