//! Kafka's own command-line tools, which print the same of both servers.

use client_tests::server::Server;
use client_tests::tools;

const TOPICS: &str = "org.apache.kafka.tools.TopicCommand";
const CONFIGS: &str = "kafka.admin.ConfigCommand";
const OFFSETS: &str = "org.apache.kafka.tools.GetOffsetShell";
const RECORDS: &str = "org.apache.kafka.tools.DeleteRecordsCommand";
const FOLDERS: &str = "org.apache.kafka.tools.LogDirsCommand";
const QUORUM: &str = "org.apache.kafka.tools.MetadataQuorumCommand";
const FEATURES: &str = "org.apache.kafka.tools.FeatureCommand";
const CLUSTER: &str = "org.apache.kafka.tools.ClusterTool";
const VERSIONS: &str = "org.apache.kafka.tools.BrokerApiVersionsCommand";

/// Runs a tool with these words and compares what it prints.
fn prints(server: &Server, class: &str, words: &str, expected: &[&str]) {
    let words: Vec<_> = words.split(' ').collect();
    let printed = tools::run(server, class, &words).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{class} {words:?}");
}

#[test]
#[ignore = "needs Java and Maven"]
fn topics_are_created_described_altered_and_deleted() {
    let server = Server::start().unwrap();
    let topics = |words: &str, expected: &[&str]| prints(&server, TOPICS, words, expected);
    let create = "--create --topic chat --partitions 2 --config retention.ms=1000";
    topics(create, &["Created topic chat."]);
    topics(
        "--create --topic chat",
        &["Error while executing topic command : Topic 'chat' already exists.", "exit code 1"],
    );
    let described = "Topic: chat\tTopicId: ID\tPartitionCount: 2\tReplicationFactor: 1\t\
                     Configs: retention.ms=1000";
    let partition = |number| {
        format!(
            "\tTopic: chat\tPartition: {number}\tLeader: 0\tReplicas: 0\tIsr: 0\tElr: \t\
             LastKnownElr: "
        )
    };
    topics("--describe --topic chat", &[described, &partition(0), &partition(1)]);
    topics("--alter --topic chat --partitions 3", &[]);
    topics(
        "--alter --topic chat --partitions 1",
        &[
            "Error while executing topic command : The topic chat currently has 3 partition(s); \
             1 would not be an increase.",
            "exit code 1",
        ],
    );
    topics("--describe --under-replicated-partitions", &[]);
    topics("--list", &["chat"]);
    topics("--delete --topic chat", &[]);
    topics(
        "--delete --topic chat",
        &[
            "Error while executing topic command : Topic 'chat' does not exist as expected",
            "exit code 1",
        ],
    );
}

#[test]
#[ignore = "needs Java and Maven"]
fn configurations_are_described_and_altered() {
    let server = Server::start().unwrap();
    prints(&server, TOPICS, "--create --topic chat", &["Created topic chat."]);
    let configs = |words: &str, expected: &[&str]| prints(&server, CONFIGS, words, expected);
    let topic = "--entity-type topics --entity-name chat";
    configs(
        &format!("--alter {topic} --add-config flush.ms=5,cleanup.policy=compact"),
        &["Completed updating config for topic chat."],
    );
    configs(
        &format!("--describe {topic}"),
        &[
            "Dynamic configs for topic chat are:",
            "  cleanup.policy=compact sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:\
             cleanup.policy=compact, DEFAULT_CONFIG:log.cleanup.policy=delete}",
            "  flush.ms=5 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:flush.ms=5}",
        ],
    );
    configs(
        &format!("--alter {topic} --add-config flush.ms=x"),
        &[
            "java.util.concurrent.ExecutionException: org.apache.kafka.common.errors.\
             InvalidConfigurationException: Invalid value x for configuration flush.ms: \
             Not a number of type LONG",
            "exit code 1",
        ],
    );
    let brokers = "--entity-type brokers --entity-default";
    configs(
        &format!("--alter {brokers} --add-config log.retention.bytes=5"),
        &["Completed updating default config for brokers in the cluster."],
    );
    configs(
        &format!("--describe {brokers}"),
        &[
            "Default configs for brokers in the cluster are:",
            "  log.retention.bytes=5 sensitive=false synonyms={DYNAMIC_DEFAULT_BROKER_CONFIG:\
             log.retention.bytes=5}",
        ],
    );
}

#[test]
#[ignore = "needs Java and Maven"]
fn offsets_are_told_records_deleted_and_folders_described() {
    let server = Server::start().unwrap();
    prints(&server, TOPICS, "--create --topic lines", &["Created topic lines."]);
    let offsets = |words: &str, expected: &[&str]| prints(&server, OFFSETS, words, expected);
    offsets("--topic lines", &["lines:0:0"]);

    let file = tempfile::NamedTempFile::new().unwrap();
    let partitions = r#"{"partitions":[{"topic":"lines","partition":0,"offset":0}],"version":1}"#;
    std::fs::write(file.path(), partitions).unwrap();
    prints(
        &server,
        RECORDS,
        &format!("--offset-json-file {}", file.path().display()),
        &[
            "Executing records delete operation",
            "Records delete operation completed:",
            "partition: lines-0\tlow_watermark: 0",
        ],
    );
    offsets("--topic lines --time earliest", &["lines:0:0"]);
    offsets("--topic lines --time max-timestamp", &[]);
    let folder = r#"{"brokers":[{"broker":0,"logDirs":[{"partitions":[{"partition":"lines-0","size":0,"offsetLag":0,"isFuture":false}],"error":null,"logDir":"FOLDER"}]}],"version":1}"#;
    prints(
        &server,
        FOLDERS,
        "--describe --topic-list lines",
        &[
            "Querying brokers for log directories information",
            "Received log directory information from brokers 0",
            folder,
        ],
    );
}

#[test]
#[ignore = "needs Java and Maven"]
fn cluster_quorum_and_features_are_described() {
    let server = Server::start().unwrap();
    prints(
        &server,
        QUORUM,
        "describe --status",
        &[
            "ClusterId:              ID",
            "LeaderId:               0",
            "LeaderEpoch: N",
            "HighWatermark: N",
            "MaxFollowerLag:         0",
            "MaxFollowerLagTimeMs: N",
            r#"CurrentVoters:          [{"id": 0, "endpoints": ["CONTROLLER://HOST"]}]"#,
            "CurrentObservers:       []",
        ],
    );
    prints(
        &server,
        QUORUM,
        "describe --replication",
        &[
            "NodeId\tDirectoryId           \tLogEndOffset\tLag\tLastFetchTimestamp\t\
             LastCaughtUpTimestamp\tStatus\t",
            "0     \tID\tN\t0\tN\tN\tLeader\t",
        ],
    );
    prints(&server, CLUSTER, "cluster-id", &["Cluster ID: ID"]);
    prints(
        &server,
        CLUSTER,
        "list-endpoints",
        &[
            "ID         HOST      PORT       RACK       STATE      ENDPOINT_TYPE  ",
            "0          HOST null       unfenced   broker         ",
        ],
    );
    // Both finalise what they have; what both have is the version of the metadata.
    let features = tools::run(&server, FEATURES, &["describe"]).unwrap();
    let metadata: Vec<_> = features.lines().filter(|line| line.contains("metadata")).collect();
    assert_eq!(metadata.len(), 1, "{features}");
    let ends = "FinalizedVersionLevel: 4.3-IV0          Epoch: N";
    assert!(metadata[0].ends_with(ends), "{metadata:?}");
}

/// Every version that Klamm says it serves is one that Kafka serves, and none is missing between.
#[test]
#[ignore = "needs Java and Maven"]
fn versions_are_those_that_kafka_serves() {
    let kafka = include_str!("versions.txt");
    let printed = tools::run(&Server::start().unwrap(), VERSIONS, &[]).unwrap();
    let served: Vec<_> = printed.lines().filter(|line| line.contains("[usable:")).collect();
    assert!(served.len() > 10, "{printed}");
    for line in served {
        assert!(
            kafka.lines().any(|known| known.trim() == line.trim().trim_end_matches(',')),
            "{line}"
        );
    }
}
