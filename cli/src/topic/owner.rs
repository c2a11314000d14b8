//! Topics that a manifest describes: the operator changes back what others change.

use operator::local::Folder;
use operator::local::client;
use operator::local::message::{Command, Reply};
use operator::manifest::Object;
use types::TopicName;

use crate::connect::Connect;
use crate::{Failure, VERSION};

/// An error when one of these topics is described by a manifest of a cluster that runs here and has
/// this id; `next` says what to do instead.
pub(crate) async fn refuse(
    connect: &Connect,
    cluster_id: Option<&str>,
    topics: &[TopicName],
    next: &str,
) -> Result<(), Failure> {
    for folder in connect.local_folders() {
        let owned = owned(&folder, cluster_id).await;
        if let Some(topic) = topics.iter().find(|topic| owned.iter().any(|it| it == topic.as_str()))
        {
            return Err(Failure::Failed(format!(
                "topic {topic} is described by a manifest of the cluster in {}, and the operator would change it back: {next}; --force does it all the same",
                folder.root().display()
            )));
        }
    }
    Ok(())
}

/// The topics, by their names in Kafka, that are described for the cluster that runs from a folder,
/// when it is the one with this id.
async fn owned(folder: &Folder, cluster_id: Option<&str>) -> Vec<String> {
    if !folder.is_in_use().unwrap_or(false) {
        return Vec::new();
    }
    let Ok(Reply::Report(report)) = client::ask(folder, VERSION, Command::Status, |_| {}).await
    else {
        return Vec::new();
    };
    let is_meant = report.objects.iter().any(|object| match object {
        Object::Cluster(cluster) => cluster.status_or_default().cluster_id.as_deref() == cluster_id,
        Object::Topic(_) => false,
    });
    let topics = report.objects.iter().filter_map(|object| match object {
        Object::Topic(topic) if is_meant => Some(topic.kafka_name()),
        Object::Topic(_) | Object::Cluster(_) => None,
    });
    topics.collect()
}
