//! The figures of compaction.

use std::fmt::Display;

use node::CleanerFigures;
use types::Instant;

use crate::exposition::{Kind, family, label, sample};

/// Appends the figures. `folder` is the data folder.
pub(super) fn write(text: &mut String, figures: &CleanerFigures, folder: &str, now: Instant) {
    let of_folder = label("logDirectory", folder);
    let mut write = |name: &str, help: &str, labels: &str, value: &dyn Display| {
        let name = format!("kafka_log_{name}");
        family(text, &name, Kind::Gauge, help);
        sample(text, &name, labels, value);
    };
    let percent = |share: f64| (share * 100.0).floor();
    let since = now.since(figures.last_look).as_millis();
    let last_round = figures.last_round.as_secs();
    let delay = figures.compaction_delay_max.as_secs();
    write(
        "logcleanermanager_max_dirty_percent",
        "The largest share of a compacted log that was not compacted yet",
        "",
        &percent(figures.dirty_ratio_max),
    );
    write(
        "logcleanermanager_time_since_last_run_ms",
        "How long ago the cleaner last looked for something to do",
        "",
        &since,
    );
    write(
        "logcleanermanager_uncleanable_partitions_count",
        "Partitions that could not be compacted",
        &of_folder,
        &figures.uncleanable_partitions,
    );
    write(
        "logcleanermanager_uncleanable_bytes",
        "Bytes of partitions that could not be compacted",
        &of_folder,
        &figures.uncleanable_bytes,
    );
    write(
        "logcleaner_cleaner_recopy_percent",
        "The share of what was read that the last compaction kept",
        "",
        &percent(figures.recopied),
    );
    write("logcleaner_max_clean_time_secs", "How long the last compaction took", "", &last_round);
    write(
        "logcleaner_max_compaction_delay_secs",
        "The longest time that a log has waited for compaction beyond its due",
        "",
        &delay,
    );
    write(
        "logcleaner_max_buffer_utilization_percent",
        "The share of the offset map that the last compaction filled",
        "",
        &percent(figures.buffer_utilization),
    );
    // A pool's threads outlive what they do.
    write("logcleaner_deadthreadcount", "Threads of the cleaner that have ended", "", &0);
}
