//! How far consumer groups are.

use super::dashboard::{Dashboard, Row, Variable, of, places};
use super::panel::{Healthy, Panel, Unit};

const GROUP: &str = "consumergroup=~\"$consumergroup\"";

pub(super) fn dashboard() -> Dashboard {
    let mut variables = places("klamm_build_info");
    let groups = of("kafka_consumergroup_members", "");
    variables.push(Variable { label: "consumergroup", title: "Group", of: groups });
    let states = Row { title: "Groups", height: 4, panels: states() };
    let lag = Row { title: "Lag", height: 9, panels: lag() };
    let pace = Row { title: "Pace", height: 9, panels: pace() };
    let worst = Row { title: "Furthest behind", height: 9, panels: worst() };
    Dashboard {
        name: "groups",
        title: "Consumer groups",
        description: "How far consumer groups are, and whether they keep up.",
        variables,
        rows: vec![states, lag, pace, worst],
    }
}

fn states() -> Vec<Panel> {
    let count = |title, description, healthy, state: &str| {
        let metric = format!("kafka_coordinator_group_groupmetadatamanager_numgroups{state}");
        Panel::number(title, description, healthy, format!("sum({})", of(&metric, "")))
    };
    vec![
        count("Stable", "Groups whose members have their shares.", Healthy::Any, "stable"),
        count("Joining", "Groups whose members are joining.", Healthy::Any, "preparingrebalance"),
        count("Assigning", "Groups whose leader assigns.", Healthy::Any, "completingrebalance"),
        count("Empty", "Groups with offsets and without members.", Healthy::Any, "empty"),
        Panel::number(
            "Offsets",
            "Committed offsets.",
            Healthy::Any,
            format!("sum({})", of("kafka_coordinator_group_groupmetadatamanager_numoffsets", "")),
        ),
        Panel::number(
            "Untold",
            "Offsets that are too many to be told one by one; the sums are right all the same.",
            Healthy::Zero,
            format!("sum({})", of("klamm_consumergroup_offsets_untold", "")),
        ),
    ]
}

fn lag() -> Vec<Panel> {
    let sum = of("kafka_consumergroup_lag_sum", GROUP);
    vec![
        Panel::lines("By group", "Records that a group has yet to commit.", Unit::Count)
            .line(format!("sum by (consumergroup) ({sum})"), "{{consumergroup}}"),
        Panel::lines("By group and topic", "The same by topic.", Unit::Count)
            .line(format!("sum by (consumergroup, topic) ({sum})"), "{{consumergroup}} {{topic}}"),
        Panel::lines("Members", "Members of each group.", Unit::Count).line(
            format!("sum by (consumergroup) ({})", of("kafka_consumergroup_members", GROUP)),
            "{{consumergroup}}",
        ),
    ]
}

fn pace() -> Vec<Panel> {
    let committed = of("kafka_consumergroup_current_offset_sum", GROUP);
    let lag = of("kafka_consumergroup_lag_sum", GROUP);
    let pace = format!("sum by (consumergroup) (rate({committed}[$__rate_interval]))");
    vec![
        Panel::lines("Committed", "Offsets that a group commits each second.", Unit::PerSecond)
            .line(pace.clone(), "{{consumergroup}}"),
        Panel::lines(
            "Behind",
            "How long a group needs at its present pace for what it has yet to commit.",
            Unit::Seconds,
        )
        .line(format!("sum by (consumergroup) ({lag}) / ({pace} > 0)"), "{{consumergroup}}"),
    ]
}

fn worst() -> Vec<Panel> {
    let lag = of("kafka_consumergroup_lag", GROUP);
    vec![
        Panel::table(
            "Partitions",
            "The partitions that groups are furthest behind in, now.",
            Unit::Count,
        )
        .line(format!("topk(20, sum by (consumergroup, topic, partition) ({lag}))"), ""),
    ]
}
