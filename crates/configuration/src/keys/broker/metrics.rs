//! What a broker can be told about metrics.

use crate::key::{Key, int, key, list, long, string};

pub(super) const KEYS: &[Key] = &[
    key(
        "kafka.metrics.polling.interval.secs",
        int("10").at_least(1.0).low(),
        "How often reporters of the older metrics are called.",
    ),
    key(
        "kafka.metrics.reporters",
        list("").items(&[]).low(),
        "Java classes that report the older metrics.",
    ),
    key(
        "metric.reporters",
        list("org.apache.kafka.common.metrics.JmxReporter").items(&[]).low().cluster_wide(),
        "Java classes that report metrics; Klamm serves its own on `/metrics`.",
    ),
    key(
        "metrics.num.samples",
        int("2").at_least(1.0).low(),
        "How many samples a metric is computed from.",
    ),
    key("metrics.recording.level", string("INFO").low(), "How detailed the metrics are."),
    key(
        "metrics.sample.window.ms",
        long("30000").at_least(1.0).low(),
        "How long one sample of a metric is.",
    ),
    key(
        "telemetry.max.bytes",
        int("1048576").at_least(1.0).low(),
        "The largest report of a client's metrics.",
    ),
];
