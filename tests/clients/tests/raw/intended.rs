//! The differences that are known: those on purpose, and those that are to be mended, each with its
//! reason. `docs/compatibility.md` has the same table.

use crate::compare::Difference;
use std::fmt;

/// Fields that differ, and why.
pub(crate) struct Known {
    /// The API, as Kafka names it.
    pub(crate) api: &'static str,
    /// The case, or `*`.
    pub(crate) case: &'static str,
    /// The field without places in arrays; a `*` at the end stands for what is below it.
    pub(crate) field: &'static str,
    pub(crate) standing: Standing,
    pub(crate) reason: &'static str,
}

/// Whether a difference stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    OnPurpose,
    ToBeMended,
}

/// All of them.
pub(crate) const KNOWN: &[Known] = &[
    row(
        "ApiVersions",
        "*",
        "ApiKeys*",
        Standing::OnPurpose,
        "Only what works is advertised: the roadmap says what is missing",
    ),
    row(
        "ApiVersions",
        "*",
        "SupportedFeatures*",
        Standing::OnPurpose,
        "Only features that work are supported",
    ),
    row(
        "ApiVersions",
        "*",
        "FinalizedFeatures*",
        Standing::OnPurpose,
        "Only features that work are in force",
    ),
    row(
        "CreatePartitions",
        "*",
        "Results.ErrorMessage",
        Standing::OnPurpose,
        "A sentence says what is wrong; Kafka sends none for an unknown topic",
    ),
    row(
        "CreateTopics",
        "*",
        "Topics.ErrorMessage",
        Standing::OnPurpose,
        "The sentence says more than Kafka's",
    ),
    row(
        "CreateTopics",
        "*",
        "Topics.Configs.ConfigSource",
        Standing::OnPurpose,
        "Eligible leader replicas, for which Kafka sets `min.insync.replicas` of the cluster, come with replication",
    ),
    row(
        "DescribeConfigs",
        "*",
        "Results.Configs*",
        Standing::OnPurpose,
        "Eligible leader replicas, for which Kafka sets `min.insync.replicas` of the cluster, come with replication",
    ),
    row(
        "DescribeConfigs",
        "*",
        "Results.ErrorMessage",
        Standing::OnPurpose,
        "The sentence says more than Kafka's",
    ),
    row(
        "DescribeGroups",
        "a group twice",
        "Groups*",
        Standing::OnPurpose,
        "It is described once, so that an answer is no larger than what there is to tell",
    ),
    row(
        "DescribeProducers",
        "*",
        "Topics.Partitions.ErrorMessage",
        Standing::OnPurpose,
        "The sentence says more than Kafka's",
    ),
    row(
        "DescribeQuorum",
        "*",
        "Topics.Partitions.ErrorMessage",
        Standing::OnPurpose,
        "The sentence says more than Kafka's",
    ),
    row(
        "DescribeTopicPartitions",
        "an empty name",
        "Topics*",
        Standing::OnPurpose,
        "Kafka fails at it with UNKNOWN_SERVER_ERROR; ours says what is wrong",
    ),
    row(
        "FindCoordinator",
        "*",
        "ErrorMessage",
        Standing::OnPurpose,
        "The sentence says more than Kafka's",
    ),
    row(
        "FindCoordinator",
        "*",
        "Coordinators.ErrorMessage",
        Standing::OnPurpose,
        "The sentence says more than Kafka's",
    ),
    row(
        "IncrementalAlterConfigs",
        "an operation that does not exist",
        "Responses*",
        Standing::OnPurpose,
        "Kafka fails at it with UNKNOWN_SERVER_ERROR; ours says what is wrong",
    ),
    row(
        "Metadata",
        "neither name nor id",
        "*",
        Standing::OnPurpose,
        "Kafka fails at it with UNKNOWN_SERVER_ERROR; ours says what is wrong",
    ),
    row(
        "Produce",
        "*",
        "Responses.PartitionResponses.ErrorMessage",
        Standing::OnPurpose,
        "A sentence says what is wrong with the batch; Kafka often sends none",
    ),
    row(
        "Produce",
        "a batch from far ahead",
        "Responses.PartitionResponses.RecordErrors*",
        Standing::OnPurpose,
        "The sentence names the bounds of the moment, in other words",
    ),
    row(
        "Produce",
        "*",
        "Responses.PartitionResponses.LogStartOffset",
        Standing::ToBeMended,
        "Kafka tells where the log begins also when it refuses what is in a batch",
    ),
    row(
        "Produce",
        "a codec that does not exist",
        "Responses.PartitionResponses.ErrorCode",
        Standing::OnPurpose,
        "Kafka fails at it with UNKNOWN_SERVER_ERROR; ours says what is wrong",
    ),
    row(
        "Produce",
        "gzip that is none",
        "Responses.PartitionResponses.ErrorCode",
        Standing::OnPurpose,
        "Kafka fails at it with UNKNOWN_SERVER_ERROR; ours says what is wrong",
    ),
    row(
        "Produce",
        "a format to come",
        "Responses.PartitionResponses.ErrorCode",
        Standing::ToBeMended,
        "Kafka says CORRUPT_MESSAGE",
    ),
    row(
        "Produce",
        "acknowledgements that do not exist",
        "Responses.PartitionResponses.ErrorCode",
        Standing::ToBeMended,
        "Kafka looks for the topic first",
    ),
    row("Produce", "null", "*", Standing::OnPurpose, "Kafka never answers it"),
    row(
        "UpdateFeatures",
        "a level that does not exist",
        "ErrorMessage",
        Standing::OnPurpose,
        "It names the controller and the levels that it supports",
    ),
];

const fn row(
    api: &'static str,
    case: &'static str,
    field: &'static str,
    standing: Standing,
    reason: &'static str,
) -> Known {
    Known { api, case, field, standing, reason }
}

impl Known {
    /// Whether a difference is this one.
    pub(crate) fn covers(&self, difference: &Difference) -> bool {
        let field = difference.field();
        let is_field = match self.field.strip_suffix('*') {
            Some(above) => field.starts_with(above),
            None => field == self.field,
        };
        self.api == difference.api && ["*", difference.case].contains(&self.case) && is_field
    }
}

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Known { api, case, field, standing, reason } = self;
        let standing = match standing {
            Standing::OnPurpose => "on purpose",
            Standing::ToBeMended => "to be mended",
        };
        write!(formatter, "| {api} | {case} | `{field}` | {standing} | {reason} |")
    }
}

/// The row that a difference stands in, if it is known.
pub(crate) fn of(difference: &Difference) -> Option<&'static Known> {
    KNOWN.iter().find(|row| row.covers(difference))
}

#[test]
fn table_of_the_document_is_the_one_that_is_tested() {
    let page = include_str!("../../../../docs/compatibility.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| API |")).skip(2);
    let rows: Vec<_> = rows.take_while(|line| line.starts_with('|')).map(str::to_owned).collect();
    assert_eq!(rows, KNOWN.iter().map(Known::to_string).collect::<Vec<_>>());
}
