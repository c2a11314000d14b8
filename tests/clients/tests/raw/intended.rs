//! The differences that are known, all on purpose, each with its reason. `docs/compatibility.md` has the
//! same table.

use crate::compare::Difference;
use std::fmt;

/// Fields that differ, and why.
pub(crate) struct Known {
    /// The API, as Kafka names it.
    pub(crate) api: &'static str,
    /// The case, or `*`.
    pub(crate) case: &'static str,
    /// The fields without places in arrays; `Array[]` stands for all that is in elements that Kafka's
    /// answer has and ours lacks.
    pub(crate) fields: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// Why Kafka's answer is none.
const FAILS: &str = "Kafka fails at it with UNKNOWN_SERVER_ERROR; ours says what is wrong";
/// Why a sentence is another one.
const SAYS_MORE: &str = "The sentence says more than Kafka's";
/// Why a key is not set.
const ELIGIBLE: &str = "Eligible leader replicas, for which Kafka sets `min.insync.replicas` of the cluster, come with \
                        replication";

/// All of them.
pub(crate) const KNOWN: &[Known] = &[
    row(
        "ApiVersions",
        "*",
        &["ApiKeys.length", "ApiKeys[]"],
        "Only what works is advertised: the roadmap says what is missing",
    ),
    row(
        "ApiVersions",
        "a named client",
        &[
            "SupportedFeatures.length",
            "SupportedFeatures[]",
            "SupportedFeatures[metadata.version].MinVersion",
        ],
        "Only features that work are supported",
    ),
    row(
        "ApiVersions",
        "a named client",
        &["FinalizedFeatures.length", "FinalizedFeatures[]"],
        "Only features that work are in force",
    ),
    row(
        "ApiVersions",
        "a named client",
        &[
            "FinalizedFeatures[kraft.version].Name",
            "FinalizedFeatures[kraft.version].MaxVersionLevel",
            "FinalizedFeatures[kraft.version].MinVersionLevel",
        ],
        "The quorum always keeps its voters in its log; Kafka's is started with fixed ones here",
    ),
    row(
        "CreatePartitions",
        "*",
        &["Results.ErrorMessage"],
        "A sentence says what is wrong; Kafka sends none for an unknown topic",
    ),
    row("CreateTopics", "*", &["Topics.ErrorMessage"], SAYS_MORE),
    row("CreateTopics", "*", &["Topics.Configs[min.insync.replicas].ConfigSource"], ELIGIBLE),
    row(
        "DescribeConfigs",
        "*",
        &[
            "Results.Configs[min.insync.replicas].ConfigSource",
            "Results.Configs[min.insync.replicas].Synonyms.length",
            "Results.Configs[min.insync.replicas].Synonyms.Source",
            "Results.Configs[min.insync.replicas].Synonyms[]",
        ],
        ELIGIBLE,
    ),
    row(
        "DescribeConfigs",
        "what all brokers share",
        &["Results.Configs.length", "Results.Configs[]"],
        ELIGIBLE,
    ),
    row("DescribeConfigs", "*", &["Results.ErrorMessage"], SAYS_MORE),
    row(
        "DescribeGroups",
        "a group twice",
        &["Groups.length", "Groups[]"],
        "It is described once, so that an answer is no larger than what there is to tell",
    ),
    row("DescribeProducers", "*", &["Topics.Partitions.ErrorMessage"], SAYS_MORE),
    row("DescribeQuorum", "*", &["Topics.Partitions.ErrorMessage"], SAYS_MORE),
    row(
        "DescribeTopicPartitions",
        "an empty name",
        &["Topics.ErrorCode", "Topics.TopicAuthorizedOperations"],
        FAILS,
    ),
    row("FindCoordinator", "*", &["ErrorMessage", "Coordinators.ErrorMessage"], SAYS_MORE),
    row(
        "IncrementalAlterConfigs",
        "an operation that does not exist",
        &["Responses.ErrorCode", "Responses.ErrorMessage"],
        FAILS,
    ),
    row(
        "Metadata",
        "neither name nor id",
        &[
            "Brokers.Host",
            "Brokers.NodeId",
            "Brokers.Port",
            "Brokers.Rack",
            "Brokers.length",
            "ClusterId",
            "ControllerId",
            "ErrorCode",
            "Topics.ErrorCode",
            "Topics.IsInternal",
            "Topics.Name",
            "Topics.Partitions.length",
            "Topics.TopicAuthorizedOperations",
            "Topics.TopicId",
            "Topics.length",
        ],
        FAILS,
    ),
    row(
        "Produce",
        "*",
        &["Responses.PartitionResponses.ErrorMessage"],
        "A sentence says what is wrong with the batch; Kafka often sends none",
    ),
    row(
        "Produce",
        "a batch from far ahead",
        &["Responses.PartitionResponses.RecordErrors.BatchIndexErrorMessage"],
        "The sentence names the bounds of the moment, in other words",
    ),
    row(
        "Produce",
        "a codec that does not exist",
        &["Responses.PartitionResponses.ErrorCode", "Responses.PartitionResponses.LogStartOffset"],
        FAILS,
    ),
    row("Produce", "gzip that is none", &["Responses.PartitionResponses.ErrorCode"], FAILS),
    row(
        "Produce",
        "null",
        &[
            "answer",
            "ThrottleTimeMs",
            "Responses.length",
            "Responses.Name",
            "Responses.PartitionResponses.length",
            "Responses.PartitionResponses.Index",
            "Responses.PartitionResponses.ErrorCode",
            "Responses.PartitionResponses.BaseOffset",
            "Responses.PartitionResponses.LogAppendTimeMs",
            "Responses.PartitionResponses.LogStartOffset",
            "Responses.PartitionResponses.RecordErrors.length",
            "Responses.PartitionResponses.ErrorMessage",
        ],
        "Kafka never answers it",
    ),
    row(
        "UpdateFeatures",
        "a level that does not exist",
        &["ErrorMessage"],
        "It names the controller and the levels that it supports",
    ),
];

const fn row(
    api: &'static str,
    case: &'static str,
    fields: &'static [&'static str],
    reason: &'static str,
) -> Known {
    Known { api, case, fields, reason }
}

impl Known {
    /// The fields that none of these differences is about.
    pub(crate) fn unseen(&self, differences: &[Difference]) -> Vec<String> {
        let seen = |field: &str| differences.iter().any(|one| self.covers(field, one));
        let unseen = self.fields.iter().filter(|field| !seen(field));
        unseen.map(|field| format!("{}, {}: {field}", self.api, self.case)).collect()
    }

    /// Whether a difference is about this field of the row.
    fn covers(&self, field: &str, difference: &Difference) -> bool {
        let path = difference.field();
        let is_field = match field.strip_suffix("[]") {
            Some(array) => difference.ours == "nothing" && is_within(&path, array),
            None => path == field,
        };
        // A sentence may be another one than Kafka's, but not be missing.
        let is_said = !path.ends_with("ErrorMessage") || difference.ours != "null";
        let is_case = ["*", difference.case].contains(&self.case);
        self.api == difference.api && is_case && is_field && is_said
    }
}

/// Whether a path leads into an element of an array.
fn is_within(path: &str, array: &str) -> bool {
    let below = path.strip_prefix(array);
    below.is_some_and(|below| below.starts_with(['.', '[']) && below != ".length")
}

impl fmt::Display for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Known { api, case, fields, reason } = self;
        let fields: Vec<_> = fields.iter().map(|field| format!("`{field}`")).collect();
        write!(formatter, "| {api} | {case} | {} | {reason} |", fields.join(", "))
    }
}

/// Whether a difference stands in a row.
pub(crate) fn is_known(difference: &Difference) -> bool {
    KNOWN.iter().any(|row| row.fields.iter().any(|field| row.covers(field, difference)))
}

#[test]
fn table_of_the_document_is_the_one_that_is_tested() {
    let page = include_str!("../../../../docs/compatibility.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| API |")).skip(2);
    let rows: Vec<_> = rows.take_while(|line| line.starts_with('|')).map(str::to_owned).collect();
    assert_eq!(rows, KNOWN.iter().map(Known::to_string).collect::<Vec<_>>());
}
