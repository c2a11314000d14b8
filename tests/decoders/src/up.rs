//! What `klamm up` and its commands read of each other and of their folder: messages, objects,
//! volumes, properties. What was read and written again reads the same.

use std::fmt::Debug;

use operator::{
    cluster::{Identity, properties::Properties},
    crd::{Cluster, Topic},
    local::message::{Command, Reply, Request},
    manifest::{Object, Source, parse},
};
use serde::{Serialize, de::DeserializeOwned};

/// Reads as one of the kinds.
type Check = fn(&[u8]);

const CHECKS: [Check; 6] = [
    check_json::<Request>,
    check_json::<Reply>,
    check_json::<Cluster>,
    check_json::<Topic>,
    check_json::<Identity>,
    check_properties,
];

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let text = include_str!("../../../examples/chat.yaml").to_owned();
    let manifests = parse(&[Source { name: "chat.yaml".to_owned(), text }]);
    let manifests = manifests.expect("the example is right");
    let objects = manifests.iter().map(|manifest| match &manifest.object {
        Object::Cluster(cluster) => seed(2, cluster),
        Object::Topic(topic) => seed(3, topic),
    });
    let mut seeds: Vec<_> = objects.collect();
    let ids = manifests.iter().map(|manifest| manifest.object.id()).collect();
    for command in [Command::Apply(manifests), Command::Status, Command::Delete(ids)] {
        seeds.push(seed(0, &Request { version: "1".to_owned(), command }));
    }
    seeds.push(seed(1, &Reply::Progress("something happened".to_owned())));
    let properties = "# written\nnode.id=1\na\\ b=\\ c\\n\nlog.dirs=data\n";
    seeds.push([&[5], properties.as_bytes()].concat());
    seeds
}

fn seed(kind: u8, value: &impl Serialize) -> Vec<u8> {
    let text = serde_json::to_vec(value).expect("it is plain data");
    [&[kind], &text[..]].concat()
}

pub(crate) fn check(data: &[u8]) {
    let [kind, text @ ..] = data else { return };
    CHECKS[usize::from(*kind) % CHECKS.len()](text);
}

fn check_json<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(text) else { return };
    let written = serde_json::to_vec(&read).expect("what was read can be written");
    assert_eq!(serde_json::from_slice::<T>(&written).expect("it was just written"), read);
}

fn check_properties(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let read = Properties::parse(text);
    assert_eq!(Properties::parse(&read.text()), read);
}
