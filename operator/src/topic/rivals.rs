//! Which of several objects stands for a Kafka topic: the oldest; of equally old ones the one with
//! the lowest uid. Whoever comes later cannot take a topic away. Pure.

use k8s_openapi::jiff::Timestamp;

use crate::crd::Topic;

/// The one of these objects that stands for this object's topic, when it is not the object itself.
#[must_use]
pub fn winner<'a>(topic: &Topic, others: &'a [Topic]) -> Option<&'a Topic> {
    let rivals = others.iter().filter(|other| is_rival(topic, other));
    let oldest = rivals.min_by_key(|other| seniority(other))?;
    (seniority(oldest) < seniority(topic)).then_some(oldest)
}

/// Whether another object wants the same topic of the same cluster. One that is told to let its
/// topic be wants nothing.
#[must_use]
pub fn is_rival(topic: &Topic, other: &Topic) -> bool {
    other.metadata.name != topic.metadata.name
        && other.metadata.namespace == topic.metadata.namespace
        && other.spec.cluster == topic.spec.cluster
        && other.kafka_name() == topic.kafka_name()
        && other.is_managed()
}

/// An object that was not stored yet is the youngest.
fn seniority(topic: &Topic) -> (Timestamp, &str, &str) {
    let meta = &topic.metadata;
    let created = meta.creation_timestamp.as_ref().map_or(Timestamp::MAX, |created| created.0);
    (created, meta.uid.as_deref().unwrap_or_default(), meta.name.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

    use super::*;
    use crate::fakes;

    fn object(name: &str, second: i64, uid: &str) -> Topic {
        let mut topic = fakes::topic("{ cluster: chat, name: messages }");
        topic.metadata.name = Some(name.to_owned());
        topic.metadata.uid = Some(uid.to_owned());
        topic.metadata.creation_timestamp =
            Some(Time(Timestamp::from_second(second).expect("a small number")));
        topic
    }

    fn winner_name(topic: &Topic, others: &[Topic]) -> Option<String> {
        winner(topic, others).and_then(|winner| winner.metadata.name.clone())
    }

    #[test]
    fn the_oldest_object_stands_for_the_topic() {
        let (old, young) = (object("old", 1, "b"), object("young", 2, "a"));
        let all = [young.clone(), old.clone()];
        assert_eq!(winner_name(&young, &all).as_deref(), Some("old"));
        assert_eq!(winner_name(&old, &all), None);
    }

    #[test]
    fn of_equally_old_objects_the_lowest_uid_wins() {
        let (one, other) = (object("one", 1, "b"), object("other", 1, "a"));
        let all = [one.clone(), other.clone()];
        assert_eq!(winner_name(&one, &all).as_deref(), Some("other"));
        assert_eq!(winner_name(&other, &all), None);
    }

    #[test]
    fn objects_of_other_topics_clusters_and_namespaces_are_no_rivals() {
        let topic = object("young", 2, "b");
        let mut other = object("old", 1, "a");
        other.spec.name = Some("else".to_owned());
        assert_eq!(winner_name(&topic, &[other]), None);
        let mut other = object("old", 1, "a");
        other.spec.cluster = "mail".to_owned();
        assert_eq!(winner_name(&topic, &[other]), None);
        let mut other = object("old", 1, "a");
        other.metadata.namespace = Some("elsewhere".to_owned());
        assert_eq!(winner_name(&topic, &[other]), None);
    }

    #[test]
    fn an_unmanaged_object_is_no_rival() {
        let topic = object("young", 2, "b");
        let mut other = object("old", 1, "a");
        other.metadata.annotations =
            Some([(crate::crd::MANAGED.to_owned(), "false".into())].into());
        assert_eq!(winner_name(&topic, &[other]), None);
    }
}
