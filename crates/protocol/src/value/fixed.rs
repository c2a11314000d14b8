//! The types of fixed size; each is written the same way in every version.

use types::Uuid;

use super::{Format, Value};
use crate::{DecodeError, Decoder, EncodeError, Encoder, schema::Type};

impl Value for bool {
    const TYPE: Type = Type::Bool;

    fn decode(decoder: &mut Decoder, _: Format) -> Result<bool, DecodeError> {
        decoder.bool()
    }

    fn encode(&self, encoder: &mut Encoder, _: Format) -> Result<(), EncodeError> {
        encoder.put_bool(*self);
        Ok(())
    }
}

impl Value for i8 {
    const TYPE: Type = Type::Int8;

    fn decode(decoder: &mut Decoder, _: Format) -> Result<i8, DecodeError> {
        decoder.i8()
    }

    fn encode(&self, encoder: &mut Encoder, _: Format) -> Result<(), EncodeError> {
        encoder.put_i8(*self);
        Ok(())
    }
}

impl Value for i16 {
    const TYPE: Type = Type::Int16;

    fn decode(decoder: &mut Decoder, _: Format) -> Result<i16, DecodeError> {
        decoder.i16()
    }

    fn encode(&self, encoder: &mut Encoder, _: Format) -> Result<(), EncodeError> {
        encoder.put_i16(*self);
        Ok(())
    }
}

impl Value for u16 {
    const TYPE: Type = Type::Uint16;

    fn decode(decoder: &mut Decoder, _: Format) -> Result<u16, DecodeError> {
        decoder.u16()
    }

    fn encode(&self, encoder: &mut Encoder, _: Format) -> Result<(), EncodeError> {
        encoder.put_u16(*self);
        Ok(())
    }
}

impl Value for i32 {
    const TYPE: Type = Type::Int32;

    fn decode(decoder: &mut Decoder, _: Format) -> Result<i32, DecodeError> {
        decoder.i32()
    }

    fn encode(&self, encoder: &mut Encoder, _: Format) -> Result<(), EncodeError> {
        encoder.put_i32(*self);
        Ok(())
    }
}

impl Value for i64 {
    const TYPE: Type = Type::Int64;

    fn decode(decoder: &mut Decoder, _: Format) -> Result<i64, DecodeError> {
        decoder.i64()
    }

    fn encode(&self, encoder: &mut Encoder, _: Format) -> Result<(), EncodeError> {
        encoder.put_i64(*self);
        Ok(())
    }
}

impl Value for f64 {
    const TYPE: Type = Type::Float64;

    fn decode(decoder: &mut Decoder, _: Format) -> Result<f64, DecodeError> {
        decoder.f64()
    }

    fn encode(&self, encoder: &mut Encoder, _: Format) -> Result<(), EncodeError> {
        encoder.put_f64(*self);
        Ok(())
    }
}

impl Value for Uuid {
    const TYPE: Type = Type::Uuid;

    fn decode(decoder: &mut Decoder, _: Format) -> Result<Uuid, DecodeError> {
        decoder.uuid()
    }

    fn encode(&self, encoder: &mut Encoder, _: Format) -> Result<(), EncodeError> {
        encoder.put_uuid(*self);
        Ok(())
    }
}
