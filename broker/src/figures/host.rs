//! The volume of the data folder, and what program runs.

use node::Node;

use crate::exposition::{Kind, family, label, sample};

pub(super) fn write(text: &mut String, node: &Node, folder: &str) {
    if let Ok(space) = node.space() {
        let mut write = |name: &str, help: &str, value: u64| {
            family(text, name, Kind::Gauge, help);
            sample(text, name, &label("logdirectory", folder), value);
        };
        write("klamm_disk_total_bytes", "Size of the volume of the data folder", space.total);
        write(
            "klamm_disk_usable_bytes",
            "What may still be written to the volume of the data folder",
            space.usable,
        );
    }
    let name = "klamm_build_info";
    family(text, name, Kind::Gauge, "Always 1; the version is in the label");
    sample(text, name, &label("version", env!("CARGO_PKG_VERSION")), 1);
}
