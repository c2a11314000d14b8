//! The target `consumer_protocol` of `tests/decoders`, which says what must hold.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let target = decoders::Target::named("consumer_protocol").expect("the target exists");
    (target.check)(data);
});
