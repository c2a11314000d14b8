//! What was asked of the API server, as its audit log has it.

use crate::folder::Folder;
use anyhow::Result;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom};

/// One request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, …
    pub verb: String,
    /// `pods`, `statefulsets`, …; empty for paths that are no resource.
    pub resource: String,
    /// `status`, `scale`, …; empty for the object itself.
    pub subresource: String,
    /// Empty for what lies in none.
    pub namespace: String,
    /// Empty where a whole list is meant.
    pub name: String,
    /// The program that asked, in its own words.
    pub user_agent: String,
    /// Whom the API server took it for.
    pub user: String,
    /// The answer's HTTP status.
    pub code: u64,
}

impl Request {
    /// Whether it was meant to change something.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !matches!(self.verb.as_str(), "get" | "list" | "watch")
    }

    fn read(line: &str) -> Result<Request> {
        let event: Value = serde_json::from_str(line)?;
        let text = |pointer: &str| {
            event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        Ok(Request {
            verb: text("/verb"),
            resource: text("/objectRef/resource"),
            subresource: text("/objectRef/subresource"),
            namespace: text("/objectRef/namespace"),
            name: text("/objectRef/name"),
            user_agent: text("/userAgent"),
            user: text("/user/username"),
            code: event.pointer("/responseStatus/code").and_then(Value::as_u64).unwrap_or(0),
        })
    }
}

/// Reads on in the audit log from one call to the next.
#[derive(Debug)]
pub struct Requests {
    folder: Folder,
    read_bytes: u64,
}

impl Requests {
    /// From now on.
    pub fn from_now(folder: &Folder) -> Result<Requests> {
        let read_bytes = std::fs::metadata(folder.file("audit.log"))?.len();
        Ok(Requests { folder: folder.clone(), read_bytes })
    }

    /// What was answered since the last call; a watch counts when it begins and when it ends.
    pub fn take(&mut self) -> Result<Vec<Request>> {
        let mut log = File::open(self.folder.file("audit.log"))?;
        log.seek(SeekFrom::Start(self.read_bytes))?;
        let (mut log, mut requests) = (BufReader::new(log), Vec::new());
        let mut line = String::new();
        while log.read_line(&mut line)? > 0 && line.ends_with('\n') {
            self.read_bytes += line.len() as u64;
            requests.push(Request::read(&line)?);
            line.clear();
        }
        Ok(requests)
    }

    /// What was written in a namespace since the last call, but for the leases of operators.
    pub fn writes(&mut self, namespace: &str) -> Result<Vec<Request>> {
        let mut requests = self.take()?;
        requests.retain(|it| it.namespace == namespace && it.is_write() && it.resource != "leases");
        Ok(requests)
    }

    /// How many Pods were made in a namespace since the last call.
    pub fn pods_made(&mut self, namespace: &str) -> Result<usize> {
        let made = self.take()?.into_iter().filter(|request| {
            let is_pod = request.resource == "pods" && request.subresource.is_empty();
            let is_made = request.verb == "create" && request.code == 201;
            request.namespace == namespace && is_pod && is_made
        });
        Ok(made.count())
    }
}
