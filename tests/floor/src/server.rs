//! The server: one thread, one `epoll`, a file for each partition.

use crate::case::{CONSUMERS, PARTITIONS, PRODUCERS};
use crate::frames::{self, BATCH, FETCH, IS_FETCH, PRODUCE};
use anyhow::{Context, Result, bail, ensure};
use rustix::event::epoll::{self, EventData, EventFlags};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

struct Server {
    epoll: OwnedFd,
    connections: Vec<TcpStream>,
    open: usize,
    partitions: Vec<Partition>,
    consumers: Vec<Consumer>,
}

struct Partition {
    file: File,
    size: u64,
}

#[derive(Default)]
struct Consumer {
    /// The connection with a request that waits.
    waits: Option<usize>,
    /// What came since the last answer.
    unsent: Vec<u8>,
}

/// Takes the connections of all producers and consumers, and serves them until all are closed.
///
/// # Errors
/// When anything is not as the case has it.
pub fn serve(listener: &TcpListener, folder: &Path) -> Result<()> {
    let mut server = Server::accept(listener, folder)?;
    let mut events = Vec::with_capacity(64);
    while server.open > 0 {
        epoll::wait(&server.epoll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in events.drain(..) {
            server.receive(usize::try_from(event.data.u64())?)?;
        }
    }
    Ok(())
}

impl Server {
    fn accept(listener: &TcpListener, folder: &Path) -> Result<Server> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut connections = Vec::new();
        for number in 0..PRODUCERS + CONSUMERS {
            let (connection, _) = listener.accept()?;
            connection.set_nodelay(true)?;
            connection.set_nonblocking(true)?;
            epoll::add(&epoll, &connection, EventData::new_u64(number as u64), EventFlags::IN)?;
            connections.push(connection);
        }
        let partition = |number| {
            let file = File::create(folder.join(format!("{number}")))?;
            Ok(Partition { file, size: 0 })
        };
        Ok(Server {
            epoll,
            open: connections.len(),
            connections,
            partitions: (0..PARTITIONS).map(partition).collect::<Result<_>>()?,
            consumers: (0..CONSUMERS).map(|_| Consumer::default()).collect(),
        })
    }

    /// Reads once, and does what the frames ask for.
    fn receive(&mut self, connection: usize) -> Result<()> {
        let mut buffer = [0; 16 << 10];
        let count = self.connections[connection].read(&mut buffer)?;
        if count == 0 {
            epoll::delete(&self.epoll, &self.connections[connection])?;
            self.open -= 1;
        }
        let mut rest = &buffer[..count];
        while let Some(first) = rest.first() {
            let size = if *first == IS_FETCH { FETCH } else { PRODUCE };
            ensure!(rest.len() >= size, "a frame came in pieces");
            let (frame, behind) = rest.split_at(size);
            match frame[0] {
                IS_FETCH => self.fetch(connection, usize::from(frame[1]))?,
                partition => self.produce(connection, usize::from(partition), frame)?,
            }
            rest = behind;
        }
        Ok(())
    }

    fn produce(&mut self, connection: usize, number: usize, frame: &[u8]) -> Result<()> {
        let batch = &frame[PRODUCE - BATCH..];
        let partition = self.partitions.get_mut(number).context("there is no such partition")?;
        partition.file.write_all_at(batch, partition.size)?;
        partition.size += BATCH as u64;
        send(&self.connections[connection], &frames::produced(batch))?;
        let consumer = number % CONSUMERS;
        self.consumers[consumer].unsent.extend(frames::fetched(batch));
        self.answer(consumer)
    }

    fn fetch(&mut self, connection: usize, consumer: usize) -> Result<()> {
        self.consumers.get_mut(consumer).context("there is no such consumer")?.waits =
            Some(connection);
        self.answer(consumer)
    }

    /// Answers a consumer that waits with what there is.
    fn answer(&mut self, consumer: usize) -> Result<()> {
        let consumer = &mut self.consumers[consumer];
        if consumer.unsent.is_empty() {
            return Ok(());
        }
        if let Some(connection) = consumer.waits.take() {
            send(&self.connections[connection], &consumer.unsent)?;
            consumer.unsent.clear();
        }
        Ok(())
    }
}

fn send(mut connection: &TcpStream, bytes: &[u8]) -> Result<()> {
    if connection.write(bytes)? != bytes.len() {
        bail!("a socket took less than a frame");
    }
    Ok(())
}
