//! Metrics as Prometheus reads them: families of samples in its text format.

use std::fmt::{Display, Write};

/// What a family's values mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It only grows, from 0 at the start of the process.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// Begins a family; its samples follow.
pub(crate) fn family(text: &mut String, name: &str, kind: Kind, help: &str) {
    let kind = match kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
    };
    put(text, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
}

/// A sample of the family that was begun last; `labels` are written as they stand.
pub(crate) fn sample(text: &mut String, name: &str, labels: &str, value: impl Display) {
    match labels {
        "" => put(text, format_args!("{name} {value}")),
        _ => put(text, format_args!("{name}{{{labels}}} {value}")),
    }
}

/// A family of one gauge.
pub(crate) fn gauge(text: &mut String, name: &str, help: &str, value: impl Display) {
    family(text, name, Kind::Gauge, help);
    sample(text, name, "", value);
}

/// A family of one counter.
pub(crate) fn counter(text: &mut String, name: &str, help: &str, value: impl Display) {
    family(text, name, Kind::Counter, help);
    sample(text, name, "", value);
}

/// A label, escaped.
pub(crate) fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{name}=\"{value}\"")
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a text takes what is written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_says_what_it_means_and_labels_are_escaped() {
        let mut text = String::new();
        family(&mut text, "size", Kind::Gauge, "Bytes");
        sample(&mut text, "size", &label("folder", "a\"b\\c"), 7);
        counter(&mut text, "starts_total", "Starts", 1);
        let written = "# HELP size Bytes\n# TYPE size gauge\nsize{folder=\"a\\\"b\\\\c\"} 7\n\
                       # HELP starts_total Starts\n# TYPE starts_total counter\nstarts_total 1\n";
        assert_eq!(text, written);
    }
}
