//! One picture: a number, or lines over time.

use serde_json::{Value, json};

/// A picture of what queries answer.
#[derive(Debug)]
pub(super) struct Panel {
    kind: Kind,
    title: &'static str,
    description: &'static str,
    unit: Unit,
    queries: Vec<Query>,
}

/// How it is drawn.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// One number, coloured by what is healthy.
    Number(Healthy),
    /// Lines over time, or areas upon each other.
    Lines { stacked: bool },
    /// A table of what is so now, the first column the largest.
    Table,
}

/// Which values of a number are well.
#[derive(Debug, Clone, Copy)]
pub(super) enum Healthy {
    /// All.
    Any,
    /// Nothing else.
    Zero,
    /// Nothing else.
    One,
    /// One or more.
    Some,
}

/// What a value is in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit {
    Count,
    PerSecond,
    Bytes,
    BytesPerSecond,
    Seconds,
    Milliseconds,
    Share,
    Processors,
}

#[derive(Debug)]
struct Query {
    expression: String,
    legend: &'static str,
}

impl Panel {
    /// One number.
    pub(super) fn number(
        title: &'static str,
        description: &'static str,
        healthy: Healthy,
        expression: String,
    ) -> Panel {
        Panel::new(Kind::Number(healthy), title, description, Unit::Count).line(expression, "")
    }

    /// Lines over time; give them with [`Panel::line`].
    pub(super) fn lines(title: &'static str, description: &'static str, unit: Unit) -> Panel {
        Panel::new(Kind::Lines { stacked: false }, title, description, unit)
    }

    /// Areas over time that add up.
    pub(super) fn areas(title: &'static str, description: &'static str, unit: Unit) -> Panel {
        Panel::new(Kind::Lines { stacked: true }, title, description, unit)
    }

    /// A table of what is so now.
    pub(super) fn table(title: &'static str, description: &'static str, unit: Unit) -> Panel {
        Panel::new(Kind::Table, title, description, unit)
    }

    fn new(kind: Kind, title: &'static str, description: &'static str, unit: Unit) -> Panel {
        Panel { kind, title, description, unit, queries: Vec::new() }
    }

    /// Adds the series that a query answers, each named by the legend.
    pub(super) fn line(mut self, expression: String, legend: &'static str) -> Panel {
        self.queries.push(Query { expression, legend });
        self
    }

    /// As Grafana reads it.
    pub(super) fn json(&self, id: usize, place: Value) -> Value {
        let is_now = !matches!(self.kind, Kind::Lines { .. });
        let targets = self.queries.iter().zip('A'..).map(|(query, name)| query.json(name, is_now));
        let mut panel = json!({
            "id": id,
            "type": self.kind.name(),
            "title": self.title,
            "description": self.description,
            "gridPos": place,
            "datasource": { "type": "prometheus", "uid": "${datasource}" },
            "targets": targets.collect::<Vec<_>>(),
            "fieldConfig": { "defaults": self.defaults(), "overrides": [] },
            "options": self.kind.options(),
        });
        if matches!(self.kind, Kind::Table) {
            panel["transformations"] = json!([
                { "id": "organize", "options": { "excludeByName": { "Time": true } } },
                { "id": "sortBy", "options": { "sort": [{ "field": "Value", "desc": true }] } },
            ]);
        }
        panel
    }

    fn defaults(&self) -> Value {
        let custom = match self.kind {
            Kind::Lines { stacked } => json!({
                "drawStyle": "line", "lineWidth": 1, "showPoints": "never", "spanNulls": false,
                "fillOpacity": if stacked { 30 } else { 5 },
                "stacking": { "mode": if stacked { "normal" } else { "none" }, "group": "A" },
            }),
            Kind::Number(_) | Kind::Table => json!({}),
        };
        let healthy = if let Kind::Number(healthy) = self.kind { healthy } else { Healthy::Any };
        json!({
            "unit": self.unit.name(), "min": 0, "color": { "mode": self.kind.colour() },
            "thresholds": { "mode": "absolute", "steps": healthy.steps() }, "custom": custom,
        })
    }
}

impl Query {
    fn json(&self, name: char, is_now: bool) -> Value {
        json!({
            "refId": name.to_string(),
            "datasource": { "type": "prometheus", "uid": "${datasource}" },
            "expr": self.expression,
            "legendFormat": self.legend,
            "instant": is_now,
            "range": !is_now,
            "format": if is_now { "table" } else { "time_series" },
        })
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Number(_) => "stat",
            Self::Lines { .. } => "timeseries",
            Self::Table => "table",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Number(_) => "thresholds",
            Self::Lines { .. } | Self::Table => "palette-classic",
        }
    }

    fn options(self) -> Value {
        match self {
            Self::Number(_) => json!({
                "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
                "colorMode": "value", "graphMode": "none", "justifyMode": "auto",
                "orientation": "auto", "textMode": "value",
            }),
            Self::Lines { .. } => json!({
                "legend": { "displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": [] },
                "tooltip": { "mode": "multi", "sort": "desc" },
            }),
            Self::Table => json!({ "showHeader": true, "cellHeight": "sm" }),
        }
    }
}

impl Healthy {
    fn steps(self) -> Value {
        let step = |colour: &str, from: Option<u32>| json!({ "color": colour, "value": from });
        match self {
            Self::Any => json!([step("blue", None)]),
            Self::Zero => json!([step("green", None), step("red", Some(1))]),
            Self::One => json!([step("red", None), step("green", Some(1)), step("red", Some(2))]),
            Self::Some => json!([step("red", None), step("green", Some(1))]),
        }
    }
}

impl Unit {
    /// Grafana's name for it.
    fn name(self) -> &'static str {
        match self {
            Self::Count => "short",
            Self::PerSecond => "cps",
            Self::Bytes => "bytes",
            Self::BytesPerSecond => "Bps",
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Share => "percentunit",
            Self::Processors => "none",
        }
    }
}
