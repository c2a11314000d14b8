//! A page of panels, and the variables that choose what they show.

use super::panel::Panel;
use serde_json::{Value, json};

const WIDTH: u32 = 24;

/// A page.
#[derive(Debug)]
pub(super) struct Dashboard {
    /// Its file and the end of its address.
    pub(super) name: &'static str,
    /// What stands above it, after `Klamm / `.
    pub(super) title: &'static str,
    /// One sentence.
    pub(super) description: &'static str,
    /// What one may choose, from the widest to the narrowest.
    pub(super) variables: Vec<Variable>,
    /// From the top; a row's panels share its width.
    pub(super) rows: Vec<Row>,
}

/// Something one may choose: the values of a label.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) label: &'static str,
    pub(super) title: &'static str,
    /// A metric that has the label, with what was chosen before.
    pub(super) of: String,
}

/// Panels side by side under a heading.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) title: &'static str,
    pub(super) height: u32,
    pub(super) panels: Vec<Panel>,
}

/// Where a cluster runs: the labels that Kubernetes brings, which may be absent elsewhere.
pub(super) fn places(metric: &str) -> Vec<Variable> {
    let cluster = format!("{metric}{{namespace=~\"$namespace\"}}");
    vec![
        Variable { label: "namespace", title: "Namespace", of: metric.to_owned() },
        Variable { label: "cluster", title: "Cluster", of: cluster },
    ]
}

/// A metric of the chosen clusters, with further matchers.
pub(super) fn of(metric: &str, matchers: &str) -> String {
    let comma = if matchers.is_empty() { "" } else { "," };
    format!("{metric}{{namespace=~\"$namespace\",cluster=~\"$cluster\"{comma}{matchers}}}")
}

impl Dashboard {
    /// As Grafana reads it.
    pub(super) fn json(&self) -> Value {
        let variables = self.variables.iter().map(Variable::json);
        let variables: Vec<_> = std::iter::once(source()).chain(variables).collect();
        json!({
            "uid": format!("klamm-{}", self.name),
            "title": format!("Klamm / {}", self.title),
            "description": self.description,
            "tags": ["klamm", "kafka"],
            "schemaVersion": 39,
            "editable": true,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": { "from": "now-1h", "to": "now" },
            "timezone": "browser",
            "links": [{
                "type": "dashboards", "title": "Klamm", "tags": ["klamm"], "asDropdown": true,
                "icon": "external link", "includeVars": true, "keepTime": true,
                "targetBlank": false, "tooltip": "", "url": "",
            }],
            "templating": { "list": variables },
            "annotations": { "list": [] },
            "panels": self.panels(),
        })
    }

    fn panels(&self) -> Vec<Value> {
        let (mut panels, mut y) = (Vec::new(), 0);
        for row in &self.rows {
            panels.push(json!({
                "id": panels.len() + 1, "type": "row", "title": row.title, "collapsed": false,
                "gridPos": { "h": 1, "w": WIDTH, "x": 0, "y": y }, "panels": [],
            }));
            y += 1;
            let width = WIDTH / u32::try_from(row.panels.len()).unwrap_or(WIDTH).max(1);
            for (panel, x) in row.panels.iter().zip((0..).step_by(width as usize)) {
                let place = json!({ "h": row.height, "w": width, "x": x, "y": y });
                panels.push(panel.json(panels.len() + 1, place));
            }
            y += row.height;
        }
        panels
    }
}

/// Which Prometheus is asked.
fn source() -> Value {
    json!({
        "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
        "refresh": 1, "hide": 0, "multi": false, "includeAll": false, "options": [],
        "regex": "", "skipUrlSync": false,
    })
}

impl Variable {
    fn json(&self) -> Value {
        let query = format!("label_values({}, {})", self.of, self.label);
        json!({
            "name": self.label, "label": self.title, "type": "query",
            "datasource": { "type": "prometheus", "uid": "${datasource}" },
            "query": { "query": query, "refId": self.label },
            // `.*` also matches where there is no such label, as on a laptop.
            "multi": true, "includeAll": true, "allValue": ".*",
            "current": { "selected": true, "text": ["All"], "value": ["$__all"] },
            "refresh": 2, "sort": 1, "hide": 0, "options": [], "regex": "", "skipUrlSync": false,
        })
    }
}
