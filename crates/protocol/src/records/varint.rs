//! Zigzag varints: how lengths and deltas are written inside a record.

/// The most bytes a 32-bit varint takes.
pub(super) const VARINT_SIZE_MAX: usize = 5;
/// The most bytes a 64-bit varint takes.
pub(super) const VARLONG_SIZE_MAX: usize = 10;

/// Appends a 32-bit varint.
pub(super) fn put_varint(out: &mut Vec<u8>, value: i32) {
    put_unsigned(out, u64::from(zigzag32(value)));
}

/// Appends a 64-bit varint.
pub(super) fn put_varlong(out: &mut Vec<u8>, value: i64) {
    put_unsigned(out, zigzag64(value));
}

/// How many bytes a 32-bit varint takes.
pub(super) fn varint_size(value: i32) -> usize {
    unsigned_size(u64::from(zigzag32(value)))
}

/// How many bytes a 64-bit varint takes.
pub(super) fn varlong_size(value: i64) -> usize {
    unsigned_size(zigzag64(value))
}

/// The signed value of a decoded 32-bit varint.
pub(super) fn unzigzag32(value: u32) -> i32 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// The signed value of a decoded 64-bit varint.
pub(super) fn unzigzag64(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

fn zigzag32(value: i32) -> u32 {
    ((value << 1) ^ (value >> 31)).cast_unsigned()
}

fn zigzag64(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn put_unsigned(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = value.to_le_bytes();
        if value < 0x80 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
        value >>= 7;
    }
}

fn unsigned_size(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}
