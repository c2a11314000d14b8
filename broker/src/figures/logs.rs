//! The logs as a whole: what is left to recover, and whether their folder works.

use node::Node;

use crate::exposition::{Kind, family, gauge, label, sample};

pub(super) fn write(text: &mut String, node: &Node, folder: &str) {
    let left = node.recovery().map_or(0, |view| view.of.saturating_sub(view.recovered));
    let mut of_folder = |name: &str, help: &str, value: usize| {
        let name = format!("kafka_log_logmanager_{name}");
        family(text, &name, Kind::Gauge, help);
        sample(text, &name, &label("logdirectory", folder), value);
    };
    of_folder("remaininglogstorecover", "Logs that were there at the start and are not open", left);
    // A process whose folder fails for good ends: as long as it answers, the folder is there.
    of_folder("logdirectoryoffline", "1 when the data folder cannot be used", 0);
    gauge(
        text,
        "kafka_log_logmanager_offlinelogdirectorycount",
        "Data folders that cannot be used",
        0,
    );
}
