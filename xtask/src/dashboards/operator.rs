//! What the operator does.

use super::dashboard::{Dashboard, Row, Variable};
use super::panel::{Healthy, Panel, Unit};

pub(super) fn dashboard() -> Dashboard {
    let state = Row { title: "State", height: 4, panels: state() };
    let objects = Row { title: "Objects", height: 8, panels: objects() };
    let work = Row { title: "Work", height: 9, panels: work() };
    Dashboard {
        name: "operator",
        title: "Operator",
        description: "What the operator does, and whether it succeeds.",
        variables: vec![
            Variable {
                label: "namespace",
                title: "Namespace of the operator",
                of: "klamm_operator_is_leader".to_owned(),
            },
            Variable {
                label: "object_namespace",
                title: "Namespace of objects",
                of: of("klamm_operator_objects", ""),
            },
        ],
        rows: vec![state, objects, work],
    }
}

fn of(metric: &str, matchers: &str) -> String {
    let comma = if matchers.is_empty() { "" } else { "," };
    format!("{metric}{{namespace=~\"$namespace\"{comma}{matchers}}}")
}

fn state() -> Vec<Panel> {
    let errors = of("klamm_operator_reconciles_total", "outcome=\"error\"");
    vec![
        Panel::number(
            "Leaders",
            "Operators that act; the others wait.",
            Healthy::One,
            format!("sum({})", of("klamm_operator_is_leader", "")),
        ),
        Panel::number(
            "Failed turns",
            "Turns that failed in the last five minutes and were tried again.",
            Healthy::Zero,
            format!("ceil(sum(increase({errors}[5m])) or vector(0))"),
        ),
    ]
}

fn objects() -> Vec<Panel> {
    let chosen = "object_namespace=~\"$object_namespace\"";
    let objects = of("klamm_operator_objects", chosen);
    let stuck = of("klamm_operator_stuck_objects", chosen);
    vec![
        Panel::areas("Objects", "Objects that are looked after.", Unit::Count)
            .line(format!("sum by (kind, ready) ({objects})"), "{{kind}} ready: {{ready}}"),
        Panel::lines(
            "Stuck",
            "Objects that have not been ready for ten minutes; their conditions say why.",
            Unit::Count,
        )
        .line(format!("sum by (kind) ({stuck})"), "{{kind}}"),
    ]
}

fn work() -> Vec<Panel> {
    let turns = of("klamm_operator_reconciles_total", "");
    let times = of("klamm_operator_reconcile_duration_seconds_bucket", "");
    let writes = of("klamm_operator_writes_total", "");
    vec![
        Panel::areas(
            "Turns",
            "Turns of objects each second; where all is as wanted they are unchanged.",
            Unit::PerSecond,
        )
        .line(
            format!("sum by (kind, outcome) (rate({turns}[$__rate_interval]))"),
            "{{kind}} {{outcome}}",
        ),
        Panel::lines("Time of a turn", "99 % of the turns took at most this.", Unit::Seconds).line(
            format!(
                "histogram_quantile(0.99, sum by (le, kind) (rate({times}[$__rate_interval])))"
            ),
            "{{kind}}",
        ),
        Panel::areas(
            "Writes",
            "Writes to the API server each second; none where all is as wanted.",
            Unit::PerSecond,
        )
        .line(
            format!("sum by (kind, verb) (rate({writes}[$__rate_interval]))"),
            "{{kind}} {{verb}}",
        ),
    ]
}
