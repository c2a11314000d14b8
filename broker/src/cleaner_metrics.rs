//! The figures of compaction, under the names that Kafka's have in Prometheus.

use std::fmt::{Display, Write};

use node::CleanerFigures;
use types::Instant;

/// Appends the figures as Prometheus's text. `folder` is the data folder.
pub(crate) fn write_cleaner(
    text: &mut String,
    figures: &CleanerFigures,
    folder: &str,
    now: Instant,
) {
    let mut write = |name: &str, labels: &str, value: &dyn Display| {
        writeln!(text, "# TYPE kafka_log_{name} gauge\nkafka_log_{name}{labels} {value}")
            .expect("a text takes what is written");
    };
    let percent = |share: f64| (share * 100.0).floor();
    let since = now.since(figures.last_look).as_millis();
    let last_round = figures.last_round.as_secs();
    let delay = figures.compaction_delay_max.as_secs();
    let of_folder = format!("{{logDirectory=\"{folder}\"}}");
    write("logcleanermanager_max_dirty_percent", "", &percent(figures.dirty_ratio_max));
    write("logcleanermanager_time_since_last_run_ms", "", &since);
    write(
        "logcleanermanager_uncleanable_partitions_count",
        &of_folder,
        &figures.uncleanable_partitions,
    );
    write("logcleanermanager_uncleanable_bytes", &of_folder, &figures.uncleanable_bytes);
    write("logcleaner_cleaner_recopy_percent", "", &percent(figures.recopied));
    write("logcleaner_max_clean_time_secs", "", &last_round);
    write("logcleaner_max_compaction_delay_secs", "", &delay);
    write("logcleaner_max_buffer_utilization_percent", "", &percent(figures.buffer_utilization));
    // A pool's threads outlive what they do.
    write("logcleaner_deadthreadcount", "", &0);
}
