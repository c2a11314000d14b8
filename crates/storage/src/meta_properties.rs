//! `meta.properties`: which cluster and which node a data folder belongs to.

use std::collections::BTreeMap;

use types::{BrokerId, DirectoryId, Uuid};

/// The content of `meta.properties`, version 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaProperties {
    /// `cluster.id`; usually a UUID in base64, but Kafka takes any text.
    pub cluster_id: String,
    /// `node.id`.
    pub node_id: BrokerId,
    /// `directory.id`: drawn when the folder is formatted. Folders of old Kafkas have none.
    pub directory_id: Option<DirectoryId>,
}

/// Why a `meta.properties` cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetaPropertiesError {
    /// The file is not text.
    #[error("meta.properties is not UTF-8 text")]
    Text,
    /// A key that every such file has is missing.
    #[error("meta.properties has no {0}")]
    Missing(&'static str),
    /// A value is not what the key stands for.
    #[error("meta.properties has {key}={value}, {allowed} is expected")]
    Value {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// What would be allowed.
        allowed: &'static str,
    },
}

impl MetaProperties {
    pub(crate) fn encode(&self) -> String {
        let mut text = format!("version=1\nnode.id={}\n", self.node_id);
        if let Some(directory) = self.directory_id {
            text.push_str(&format!("directory.id={directory}\n"));
        }
        text.push_str(&format!("cluster.id={}\n", self.cluster_id));
        text
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<MetaProperties, MetaPropertiesError> {
        let text = std::str::from_utf8(bytes).map_err(|_| MetaPropertiesError::Text)?;
        let properties: BTreeMap<&str, &str> = text.lines().filter_map(property).collect();
        let value = |key| properties.get(key).copied().ok_or(MetaPropertiesError::Missing(key));
        let wrong = |key, value: &str, allowed| MetaPropertiesError::Value {
            key,
            value: value.to_owned(),
            allowed,
        };
        let version = value("version")?;
        if version != "1" {
            return Err(wrong("version", version, "1"));
        }
        let node_id = value("node.id")?;
        let node = node_id.parse().ok().filter(|node| *node >= 0);
        let node = node.ok_or_else(|| wrong("node.id", node_id, "a number from 0 on"))?;
        let directory_id = match value("directory.id") {
            Ok(id) => {
                let uuid: Uuid =
                    id.parse().map_err(|_| wrong("directory.id", id, "a UUID in base64"))?;
                Some(DirectoryId(uuid))
            }
            Err(_) => None,
        };
        let cluster_id = value("cluster.id")?.to_owned();
        Ok(MetaProperties { cluster_id, node_id: BrokerId(node), directory_id })
    }
}

/// The key and the value of a line, unless it is a comment.
fn property(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.starts_with(['#', '!']) {
        return None;
    }
    let (key, value) = line.split_once(['=', ':'])?;
    Some((key.trim(), value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_kafkas_is_read() {
        let text = b"#\n#Sat Nov 21 03:48:27 UTC 2026\ncluster.id=AAAAAAAAAAAAAAAAAAAAAg\n\
            directory.id=AAAAAAAAAAAAAAAAAAAAAw\nnode.id=7\nversion=1\n";
        let properties = MetaProperties::decode(text).unwrap();
        assert_eq!(properties.node_id, BrokerId(7));
        assert_eq!(properties.cluster_id, "AAAAAAAAAAAAAAAAAAAAAg");
        assert_eq!(properties.directory_id, Some(DirectoryId(Uuid::from_u128(3))));
        assert_eq!(MetaProperties::decode(properties.encode().as_bytes()), Ok(properties));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |text: &str| MetaProperties::decode(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(error("version=1\n"), "meta.properties has no node.id");
        assert_eq!(error("version=0\n"), "meta.properties has version=0, 1 is expected");
        assert_eq!(
            error("version=1\nnode.id=-1\n"),
            "meta.properties has node.id=-1, a number from 0 on is expected"
        );
    }
}
