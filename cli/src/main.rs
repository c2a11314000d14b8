//! The one program, `klamm`.

fn main() {}
