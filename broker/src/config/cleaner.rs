//! What compaction may cost.

use std::time::Duration;

use node::CleanerConfig;

use super::reader::Reader;

pub(super) fn read(reader: &mut Reader) -> CleanerConfig {
    let backoff_ms = reader.number("log.cleaner.backoff.ms").unsigned_abs();
    CleanerConfig {
        is_enabled: reader.flag("log.cleaner.enable"),
        threads: reader.size("log.cleaner.threads"),
        dedupe_buffer_bytes: reader.size("log.cleaner.dedupe.buffer.size"),
        load_factor: reader.decimal("log.cleaner.io.buffer.load.factor"),
        io_buffer_bytes: reader.size("log.cleaner.io.buffer.size"),
        io_bytes_per_second_max: reader.decimal("log.cleaner.io.max.bytes.per.second"),
        // Kafka looks without a pause at 0; a millisecond spares the processor.
        backoff: Duration::from_millis(backoff_ms.max(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_from(text: &str) -> (CleanerConfig, usize) {
        let mut reader = Reader::new(text);
        let config = read(&mut reader);
        (config, reader.finish().len())
    }

    #[test]
    fn without_a_word_compaction_is_as_kafkas() {
        assert_eq!(read_from("").0, CleanerConfig::default());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let without = read_from("").1;
        for text in [
            "log.cleaner.io.buffer.load.factor=0",
            "log.cleaner.io.buffer.load.factor=much",
            "log.cleaner.io.max.bytes.per.second=-1",
            "log.cleaner.dedupe.buffer.size=1000000",
        ] {
            assert_eq!(read_from(text).1, without + 1, "{text}");
        }
    }
}
