//! `klamm status`: how everything is.

use clap::Args;
use operator::crd::cluster::{BrokerState, BrokerStatus};
use operator::crd::conditions::{self, READY};
use operator::crd::{Cluster, Topic};
use operator::local::message::{Command, Reply, Report};
use operator::local::{client, stopped};
use operator::manifest::Object;
use serde_json::json;

use crate::place::Place;
use crate::print::{self, Output};
use crate::{Failure, VERSION};

/// What `klamm status` is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Output::Text)]
    output: Output,
}

/// Shows every object with its status.
pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let options = arguments.place.options(&[])?;
    let report = if options.folder.is_in_use()? {
        let last = client::ask(&options.folder, VERSION, Command::Status, |_| {}).await?;
        let Reply::Report(report) = Failure::of_last(last)? else {
            return Err(Failure::Failed(
                "the running `klamm up` answered with no report".to_owned(),
            ));
        };
        report
    } else {
        stopped::report(&options).await?
    };
    match arguments.output {
        Output::Text => print(&report),
        Output::Json => print::json(&json!({
            "apiVersion": "v1",
            "kind": "List",
            "running": report.running,
            "items": report.objects,
        })),
    }
    Ok(())
}

/// Shows a report as a table.
pub(crate) fn print(report: &Report) {
    if report.objects.is_empty() {
        return print::line("there is nothing here");
    }
    let mut rows = vec![["OBJECT".to_owned(), "READY".to_owned(), "DETAILS".to_owned()]];
    for object in &report.objects {
        match object {
            Object::Cluster(cluster) => rows.extend(cluster_rows(cluster)),
            Object::Topic(topic) => rows.push(topic_row(topic)),
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    for [object, ready, details] in &rows {
        print::line(&format!("{object:first$}  {ready:second$}  {details}"));
    }
}

fn cluster_rows(cluster: &Cluster) -> Vec<[String; 3]> {
    let status = cluster.status_or_default();
    let address = status.bootstrap_servers.clone().unwrap_or_default();
    let version = status.version.clone().unwrap_or_default();
    let (ready, message) = readiness(&status.conditions, &cluster.metadata);
    let details = if ready == "True" { format!("{address}, version {version}") } else { message };
    let mut rows = vec![[format!("cluster/{}", name(&cluster.metadata)), ready, details]];
    rows.extend(status.brokers.iter().map(broker_row));
    for step in status.plan.iter().flat_map(|plan| &plan.steps) {
        rows.push(["  to be done".to_owned(), String::new(), step.clone()]);
    }
    rows
}

fn broker_row(broker: &BrokerStatus) -> [String; 3] {
    let ready = if broker.state == BrokerState::Ready { "True" } else { "False" };
    let endpoints = &broker.endpoints;
    let clients: Vec<&str> =
        endpoints.listeners.iter().map(|listener| listener.address.as_str()).collect();
    let details = broker.reason.clone().unwrap_or_else(|| {
        format!(
            "clients {}, controller {}, admin http://{}",
            clients.join(" "),
            endpoints.controller,
            endpoints.admin
        )
    });
    [format!("  broker/{}", broker.id), ready.to_owned(), details]
}

fn topic_row(topic: &Topic) -> [String; 3] {
    let status = topic.status_or_default();
    let (ready, message) = readiness(&status.conditions, &topic.metadata);
    let details = match (ready.as_str(), status.partitions, status.replicas) {
        ("True", Some(partitions), Some(replicas)) => {
            format!("{} in Kafka, partitions {partitions}, replicas {replicas}", topic.kafka_name())
        }
        (_, _, _) => message,
    };
    [format!("topic/{}", name(&topic.metadata)), ready, details]
}

type Metadata = operator::manifest::object::ObjectMeta;

fn name(metadata: &Metadata) -> String {
    metadata.name.clone().unwrap_or_default()
}

fn readiness(all: &[conditions::Condition], metadata: &Metadata) -> (String, String) {
    if metadata.deletion_timestamp.is_some() {
        return ("False".to_owned(), "is being deleted".to_owned());
    }
    match conditions::find(all, READY) {
        Some(ready) => (ready.status.clone(), ready.message.clone()),
        None => ("Unknown".to_owned(), "nothing is known yet".to_owned()),
    }
}
