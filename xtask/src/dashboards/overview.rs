//! How the brokers of a cluster are.

use super::dashboard::{Dashboard, Row, of, places};
use super::panel::{Healthy, Panel, Unit};

const TIMES: &str = "kafka_network_requestmetrics_totaltimems_bucket";

pub(super) fn dashboard() -> Dashboard {
    let health = Row { title: "Health", height: 4, panels: health() };
    let traffic = Row { title: "Traffic", height: 8, panels: traffic() };
    let requests = Row { title: "Requests", height: 8, panels: requests() };
    let trouble = Row { title: "Trouble", height: 8, panels: trouble() };
    let machine = Row { title: "Processes", height: 8, panels: machine() };
    let disk = Row { title: "Disks", height: 8, panels: disk() };
    Dashboard {
        name: "overview",
        title: "Overview",
        description: "How the brokers are, what passes through them, and what they need for it.",
        variables: places("klamm_build_info"),
        rows: vec![health, traffic, requests, trouble, machine, disk],
    }
}

fn sum(metric: &str) -> String {
    format!("sum({})", of(metric, ""))
}

fn by_broker(metric: &str, matchers: &str) -> String {
    format!("sum by (instance) (rate({}[$__rate_interval]))", of(metric, matchers))
}

fn health() -> Vec<Panel> {
    let running = of("kafka_server_kafkaserver_brokerstate", "");
    vec![
        Panel::number(
            "Brokers",
            "Brokers that run.",
            Healthy::Some,
            format!("count({running} == 3)"),
        ),
        Panel::number(
            "Active controllers",
            "One in a healthy cluster, at any time.",
            Healthy::One,
            sum("kafka_controller_kafkacontroller_activecontrollercount"),
        ),
        Panel::number(
            "Offline partitions",
            "Partitions without a leader: nobody can produce to them or consume from them.",
            Healthy::Zero,
            sum("kafka_controller_kafkacontroller_offlinepartitionscount"),
        ),
        Panel::number(
            "Offline folders",
            "Data folders that cannot be used because their disk failed.",
            Healthy::Zero,
            sum("kafka_log_logmanager_offlinelogdirectorycount"),
        ),
        Panel::number(
            "Partitions",
            "Partitions of all topics.",
            Healthy::Any,
            sum("kafka_controller_kafkacontroller_globalpartitioncount"),
        ),
        Panel::number(
            "Consumer groups",
            "Groups with members or with committed offsets.",
            Healthy::Any,
            sum("kafka_coordinator_group_groupmetadatamanager_numgroups"),
        ),
    ]
}

fn traffic() -> Vec<Panel> {
    let all = "topic=\"\"";
    vec![
        Panel::areas("Records in", "Records appended each second.", Unit::PerSecond).line(
            by_broker("kafka_server_brokertopicmetrics_messagesin_total", all),
            "{{instance}}",
        ),
        Panel::areas("Bytes in", "Bytes of batches appended, as compressed.", Unit::BytesPerSecond)
            .line(by_broker("kafka_server_brokertopicmetrics_bytesin_total", all), "{{instance}}"),
        Panel::areas("Bytes out", "Bytes of batches that were fetched.", Unit::BytesPerSecond)
            .line(by_broker("kafka_server_brokertopicmetrics_bytesout_total", all), "{{instance}}"),
    ]
}

fn requests() -> Vec<Panel> {
    let quantile = |share: &str, request: &str| {
        let buckets = of(TIMES, &format!("request=\"{request}\""));
        format!("histogram_quantile({share}, sum by (le) (rate({buckets}[$__rate_interval])))")
    };
    let count = of("kafka_network_requestmetrics_requests_total", "");
    vec![
        Panel::areas("Requests", "Requests received each second, by API.", Unit::PerSecond).line(
            format!("sum by (request) (rate({count}[$__rate_interval])) > 0"),
            "{{request}}",
        ),
        Panel::lines(
            "Time of Produce",
            "From a whole request to its answer, with the wait for the disk where one is asked for.",
            Unit::Milliseconds,
        )
        .line(quantile("0.5", "Produce"), "half")
        .line(quantile("0.99", "Produce"), "99 %")
        .line(quantile("0.999", "Produce"), "99.9 %"),
        Panel::lines(
            "Time of Fetch",
            "From a whole request to its answer; consumers that have read everything wait here.",
            Unit::Milliseconds,
        )
        .line(quantile("0.5", "Fetch"), "half")
        .line(quantile("0.99", "Fetch"), "99 %"),
    ]
}

fn trouble() -> Vec<Panel> {
    let errors = of("kafka_network_requestmetrics_errors_total", "error!=\"NONE\"");
    let rate = |metric: &str| format!("sum(rate({}[$__rate_interval]))", of(metric, ""));
    vec![
        Panel::areas("Errors", "Errors in answers each second.", Unit::PerSecond).line(
            format!("sum by (request, error) (rate({errors}[$__rate_interval])) > 0"),
            "{{request}} {{error}}",
        ),
        Panel::lines(
            "Refused",
            "Connections and requests that were turned away each second.",
            Unit::PerSecond,
        )
        .line(rate("klamm_connections_refused_total"), "connections beyond a limit")
        .line(rate("klamm_connections_failed_total"), "connections closed for what was sent")
        .line(rate("klamm_requests_malformed_total"), "requests that could not be read"),
        Panel::lines("Connections", "Open client connections.", Unit::Count)
            .line(of("kafka_server_socket_server_metrics_connection_count", ""), "{{instance}}"),
    ]
}

fn machine() -> Vec<Panel> {
    vec![
        Panel::lines("Processor", "Processors in use.", Unit::Processors)
            .line(by_broker("process_cpu_seconds_total", ""), "{{instance}}"),
        Panel::lines("Memory", "Resident memory of the brokers.", Unit::Bytes)
            .line(of("process_resident_memory_bytes", ""), "{{instance}}"),
        Panel::lines("File descriptors", "The share of those that may be open.", Unit::Share).line(
            format!("{} / {}", of("process_open_fds", ""), of("process_max_fds", "")),
            "{{instance}}",
        ),
    ]
}

fn disk() -> Vec<Panel> {
    let flushes = of("kafka_log_logflushstats_logflushrateandtimems_bucket", "");
    vec![
        Panel::lines("Room", "The share of a data folder's volume that is free.", Unit::Share).line(
            format!(
                "{} / {}",
                of("klamm_disk_usable_bytes", ""),
                of("klamm_disk_total_bytes", "")
            ),
            "{{instance}} {{logdirectory}}",
        ),
        Panel::areas("Data", "Bytes of the logs of all partitions.", Unit::Bytes).line(
            format!("sum by (instance) ({})", of("kafka_log_log_size", "")),
            "{{instance}}",
        ),
        Panel::lines("Flushes", "How long flushes took: 99 % of them.", Unit::Milliseconds).line(
            format!(
                "histogram_quantile(0.99, sum by (le, instance) (rate({flushes}[$__rate_interval])))"
            ),
            "{{instance}}",
        ),
        Panel::lines("Disk work", "Pieces of disk work that wait for a thread.", Unit::Count)
            .line(of("klamm_data_pool_waiting", ""), "{{instance}}"),
    ]
}
