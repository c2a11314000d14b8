//! One request on its way: all that its answer needs.

use std::sync::Arc;

use protocol::{ApiKey, Chunk, Request, RequestHeader, Value, response_frame};
use runtime::FileSlice;
use types::Now;

use super::desk::Desk;
use crate::network::{Client, Part, Replier, Reply, Response};

/// What Kafka's administrative client calls itself; it alone may write to Kafka's own topics.
const ADMINISTRATOR: &str = "__admin_client";

/// A request that is not answered yet.
#[derive(Debug)]
pub(crate) struct Call {
    pub(super) client: Arc<Client>,
    pub(super) key: ApiKey,
    pub(super) version: i16,
    pub(super) now: Now,
    /// Whether the client calls itself what Kafka's own administrative client does.
    pub(super) is_administrator: bool,
    correlation_id: i32,
    replier: Replier,
}

impl Call {
    pub(super) fn new(
        client: &Arc<Client>,
        key: ApiKey,
        header: &RequestHeader,
        now: Now,
        replier: Replier,
    ) -> Call {
        let (version, correlation_id) = (header.api_version, header.correlation_id);
        let is_administrator = header.client_id.as_deref() == Some(ADMINISTRATOR);
        let client = client.clone();
        Call { client, key, version, now, is_administrator, correlation_id, replier }
    }

    /// Gives the wait for the answer a name.
    pub(super) fn park(&self, ticket: u64) {
        self.replier.park(ticket);
    }

    /// Has the connection's task go on with the wait.
    pub(super) fn nudge(&self, ticket: u64) {
        self.replier.nudge(ticket);
    }

    /// Answers with a message of the request's version.
    pub(super) fn answer<R: Request>(self, desk: &Desk, response: &R::Response) {
        let version = self.version;
        self.answer_in_version::<R>(desk, version, response, &[]);
    }

    /// Answers with a message whose slots stand for these slices of files, by their index.
    pub(super) fn answer_with_files<R: Request>(
        self,
        desk: &Desk,
        response: &R::Response,
        files: &[FileSlice],
    ) {
        let version = self.version;
        self.answer_in_version::<R>(desk, version, response, files);
    }

    /// Answers with a message of another version than the request's.
    pub(super) fn answer_in_version<R: Request>(
        self,
        desk: &Desk,
        version: i16,
        response: &R::Response,
        files: &[FileSlice],
    ) {
        response.errors(&mut |error| desk.telemetry.requests.refused(self.key, error));
        match response_frame::<R>(response, version, self.correlation_id) {
            Ok(frame) => {
                let parts = frame.chunks.into_iter().map(|chunk| part(chunk, files)).collect();
                self.finish(desk, Reply::Response(Response { parts }));
            }
            Err(error) => {
                tracing::error!(%error, api = ?self.key, version, "failed to encode an answer");
                self.close(desk, format!("failed to encode an answer: {error}"));
            }
        }
    }

    /// Answers with bytes that have their size in front.
    pub(super) fn answer_raw(self, desk: &Desk, body: &dyn Fn(&mut protocol::Encoder)) {
        let mut encoder = protocol::Encoder::new();
        encoder.put_i32(self.correlation_id);
        body(&mut encoder);
        let mut prefix = protocol::Encoder::new();
        let size = i32::try_from(encoder.size()).expect("a refusal is shorter than 2 GiB");
        prefix.put_i32(size);
        let chunks = prefix.into_chunks().into_iter().chain(encoder.into_chunks());
        let parts = chunks.map(|chunk| part(chunk, &[])).collect();
        self.finish(desk, Reply::Response(Response { parts }));
    }

    /// Ends the request without an answer.
    pub(super) fn answer_nothing(self, desk: &Desk) {
        self.finish(desk, Reply::Nothing);
    }

    /// Ends the request and its connection.
    pub(super) fn close(self, desk: &Desk, reason: String) {
        self.finish(desk, Reply::Close(reason));
    }

    fn finish(self, desk: &Desk, reply: Reply) {
        let took = desk.clock.now().instant.since(self.now.instant);
        desk.telemetry.requests.answered(self.key, took);
        self.replier.send(reply);
    }
}

fn part(chunk: Chunk, files: &[FileSlice]) -> Part {
    match chunk {
        Chunk::Bytes(bytes) => Part::Bytes(bytes),
        Chunk::Slot { slot, size } => {
            let slice = &files[slot];
            assert!(slice.size == size, "a slot is as long as its slice of a file");
            Part::File(slice.clone())
        }
    }
}
