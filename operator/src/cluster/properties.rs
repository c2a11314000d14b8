//! A broker's `server.properties`: made from the cluster's manifest, compared, written out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use types::BrokerId;

use super::Identity;
use crate::config::{self, Change};
use crate::crd::ClusterSpec;
use crate::crd::cluster::EndpointStatus;
use crate::world::Site;

/// Only a folder's first start needs the initial controllers, so they are no difference.
const INITIAL_CONTROLLERS: &str = "klamm.initial.controllers";

/// The keys and values of one broker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties(pub BTreeMap<String, String>);

/// Something a broker does not accept in its properties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The line of their text.
    pub line: Option<usize>,
    /// What is wrong.
    pub sentence: String,
}

/// Everything a broker is asked about before it is run: also the keys that it is told only when it
/// runs, since it is the one who knows what is wrong with them.
#[must_use]
pub fn checked(
    spec: &ClusterSpec,
    identity: &Identity,
    broker: BrokerId,
    site: &Site,
) -> Properties {
    let mut properties = wanted(spec, identity, broker, site);
    let told = dynamic(spec).into_iter().map(|(key, value)| (key, value.0));
    properties.0.extend(told);
    properties
}

/// The keys that are set for all brokers while they run, and not in their files.
#[must_use]
pub fn dynamic(spec: &ClusterSpec) -> config::Wanted {
    let mut keys = spec.config.clone();
    keys.retain(|key, _| config::is_dynamic(key));
    keys
}

/// What a broker is run with.
#[must_use]
pub fn wanted(
    spec: &ClusterSpec,
    identity: &Identity,
    broker: BrokerId,
    site: &Site,
) -> Properties {
    let user = spec.config.iter().filter(|(key, _)| !config::is_dynamic(key));
    let user = user.map(|(key, value)| (key.clone(), value.0.clone()));
    let mut properties: BTreeMap<String, String> = user.collect();
    let mut set = |key: &str, value: String| properties.insert(key.to_owned(), value);
    set("node.id", broker.0.to_string());
    set("process.roles", "broker,controller".to_owned());
    set("listeners", listeners(site));
    set("advertised.listeners", advertised_listeners(site));
    set("controller.listener.names", "CONTROLLER".to_owned());
    set("listener.security.protocol.map", protocols(&site.endpoints));
    set("log.dirs", site.log_dir.clone());
    set("klamm.cluster.id", identity.cluster_id.clone());
    set("klamm.admin.listener", bound(site, "admin", &site.endpoints.admin));
    if !identity.quorum.bootstrapped {
        set(INITIAL_CONTROLLERS, identity.initial_controllers());
    }
    Properties(properties)
}

impl Properties {
    /// The keys in which a running broker differs from what is wanted.
    #[must_use]
    pub fn changes(&self, wanted: &Self) -> Vec<Change> {
        let changes = differing(&self.0, &wanted.0).into_iter();
        changes.filter(|change| change.key != INITIAL_CONTROLLERS).collect()
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text =
            "# Written by the operator, which writes it again at every start.\n".to_owned();
        for (key, value) in &self.0 {
            text.push_str(&escaped(key, true));
            text.push('=');
            text.push_str(&escaped(value, false));
            text.push('\n');
        }
        text
    }

    /// What [`Self::text`] was made from.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Self(lines.filter_map(split).collect())
    }

    /// The key that stands on a line of [`Self::text`], counted from 1.
    #[must_use]
    pub fn key_on_line(&self, line: usize) -> Option<&str> {
        self.0.keys().nth(line.checked_sub(2)?).map(String::as_str)
    }

    /// Where in the manifest stands what this complaint about [`Self::text`] is about.
    #[must_use]
    pub fn path_of(&self, complaint: &Complaint) -> String {
        let key = complaint.line.and_then(|line| self.key_on_line(line));
        key.map_or_else(|| "spec.config".to_owned(), |key| format!("spec.config.{key}"))
    }
}

/// The keys in which one map differs from another.
pub(super) fn differing(
    from: &BTreeMap<String, String>,
    to: &BTreeMap<String, String>,
) -> Vec<Change> {
    let keys: std::collections::BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let changes = keys.into_iter().map(|key| Change {
        key: key.clone(),
        from: from.get(key).cloned(),
        to: to.get(key).cloned(),
    });
    changes.filter(|change| change.from != change.to).collect()
}

/// Java's rules for the characters that mean something in a properties file.
fn escaped(text: &str, is_key: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for (index, letter) in text.chars().enumerate() {
        match letter {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '\\' => escaped.push_str("\\\\"),
            ' ' if is_key || index == 0 => escaped.push_str("\\ "),
            '=' | ':' | '#' | '!' if is_key => escaped.extend(['\\', letter]),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn client_listeners(endpoints: &EndpointStatus) -> String {
    let listeners = endpoints.listeners.iter();
    let listeners =
        listeners.map(|listener| format!("{}://{}", wire_name(&listener.name), listener.address));
    listeners.collect::<Vec<_>>().join(",")
}

/// The key and the value on a line.
fn split(line: &str) -> Option<(String, String)> {
    let (mut key, mut value) = (String::new(), String::new());
    let mut letters = line.chars();
    let mut is_value = false;
    while let Some(letter) = letters.next() {
        let part = if is_value { &mut value } else { &mut key };
        match letter {
            '=' if !is_value => is_value = true,
            '\\' => match letters.next()? {
                'n' => part.push('\n'),
                'r' => part.push('\r'),
                't' => part.push('\t'),
                escaped => part.push(escaped),
            },
            plain => part.push(plain),
        }
    }
    is_value.then_some((key, value))
}

/// Where clients are sent; the controllers' own address only where it is not the one listened on.
fn advertised_listeners(site: &Site) -> String {
    let clients = client_listeners(&site.endpoints);
    match site.bound.get("controller") {
        Some(_) => format!("{clients},CONTROLLER://{}", site.endpoints.controller),
        None => clients,
    }
}

fn listeners(site: &Site) -> String {
    let listeners = site.endpoints.listeners.iter().map(|listener| {
        let address = bound(site, &listener.name, &listener.address);
        format!("{}://{address}", wire_name(&listener.name))
    });
    let controller = bound(site, "controller", &site.endpoints.controller);
    let listeners = listeners.chain([format!("CONTROLLER://{controller}")]);
    listeners.collect::<Vec<_>>().join(",")
}

fn bound(site: &Site, listener: &str, advertised: &str) -> String {
    site.bound.get(listener).map_or_else(|| advertised.to_owned(), Clone::clone)
}

fn protocols(endpoints: &EndpointStatus) -> String {
    let names = endpoints.listeners.iter().map(|listener| wire_name(&listener.name));
    let names = names.chain(["CONTROLLER".to_owned()]);
    names.map(|name| format!("{name}:PLAINTEXT")).collect::<Vec<_>>().join(",")
}

/// Kafka writes listener names in capitals.
fn wire_name(name: &str) -> String {
    name.to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(entries: &[(&str, &str)]) -> Properties {
        Properties(
            entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        )
    }

    #[test]
    fn the_text_is_what_javas_properties_read_back() {
        let text = properties(&[("a b=c", " x=y:z\\\n")]).text();
        assert_eq!(text.lines().nth(1), Some(r"a\ b\=c=\ x=y:z\\\n"));
    }

    #[test]
    fn what_was_written_is_read_back() {
        let written = properties(&[("a b=c", " x=y:z\\\n"), ("#d!", "\t"), ("e", "")]);
        assert_eq!(Properties::parse(&written.text()), written);
    }

    #[test]
    fn a_line_of_the_text_leads_back_to_its_key() {
        let properties = properties(&[("a", "1"), ("b", "2")]);
        let line = properties.text().lines().position(|line| line == "b=2").unwrap() + 1;
        assert_eq!(properties.key_on_line(line), Some("b"));
        assert_eq!(properties.key_on_line(0), None);
        assert_eq!(properties.key_on_line(9), None);
    }

    #[test]
    fn the_initial_controllers_are_no_difference() {
        let old = properties(&[("a", "1"), ("b", "2"), (INITIAL_CONTROLLERS, "0@h:1:x")]);
        let new = properties(&[("a", "3"), ("c", "4")]);
        let changes: Vec<String> = old.changes(&new).iter().map(ToString::to_string).collect();
        assert_eq!(changes, ["a 1 becomes 3", "b 2 becomes the default", "c becomes 4"]);
    }
}
