//! The load: one thread that sends, and one that receives or one for each connection.

use crate::case::{self, Beat, CONSUMERS, PARTITIONS, PRODUCERS, Samples};
use crate::frames::{self, FETCHED, PRODUCED};
use anyhow::{Context, Result, anyhow};
use rustix::event::epoll::{self, EventData, EventFlags};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};

/// Who receives the answers. Whoever sends to a socket pays for waking the thread that waits there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receivers {
    /// One thread for all connections: seldom asleep, so seldom woken.
    One,
    /// A thread for each connection, as in the clients of librdkafka.
    OnePerConnection,
}

/// A load at work.
#[derive(Debug)]
pub struct Load {
    sender: JoinHandle<Result<()>>,
    receiver: JoinHandle<Result<Samples>>,
}

impl Load {
    /// Opens all connections to a [`server`](crate::server) and begins to send.
    ///
    /// # Errors
    /// When a connection cannot be opened.
    pub fn start(server: SocketAddr, receivers: Receivers, beat: Beat) -> Result<Load> {
        let connections = (0..PRODUCERS + CONSUMERS).map(|_| connect(server));
        let connections = Arc::new(connections.collect::<Result<Vec<_>>>()?);
        let receiving = Arc::clone(&connections);
        Ok(Load {
            sender: thread::spawn(move || send_all(&connections[..PRODUCERS], beat)),
            receiver: thread::spawn(move || match receivers {
                Receivers::One => receive_all(&receiving, beat),
                Receivers::OnePerConnection => receive_each(&receiving, beat),
            }),
        })
    }

    /// Waits until all records were sent and received.
    ///
    /// # Errors
    /// When the server did not answer them all.
    pub fn finish(self) -> Result<Samples> {
        self.sender.join().map_err(|_| anyhow!("the sender's thread panicked"))??;
        self.receiver.join().map_err(|_| anyhow!("the receiver's thread panicked"))?
    }
}

fn connect(server: SocketAddr) -> Result<TcpStream> {
    let connection = TcpStream::connect(server)?;
    connection.set_nodelay(true)?;
    Ok(connection)
}

fn send_all(producers: &[TcpStream], beat: Beat) -> Result<()> {
    for record in 0..beat.records() {
        let sent = beat.wait_for(record);
        let partition = case::conversation(record) % PARTITIONS;
        (&producers[record % PRODUCERS]).write_all(&frames::produce(partition, sent))?;
    }
    Ok(())
}

fn receive_all(connections: &[TcpStream], beat: Beat) -> Result<Samples> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    for (connection, number) in connections.iter().zip(0..) {
        epoll::add(&epoll, connection, EventData::new_u64(number), EventFlags::IN)?;
    }
    for (consumer, mut connection) in connections[PRODUCERS..].iter().enumerate() {
        connection.write_all(&frames::fetch(consumer))?;
    }
    let mut samples = Samples::default();
    let mut events = Vec::with_capacity(64);
    while samples.produced.len() < beat.records() || samples.received.len() < beat.records() {
        epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in events.drain(..) {
            let number = usize::try_from(event.data.u64())?;
            receive(&connections[number], number, beat, &mut samples)?;
        }
    }
    Ok(samples)
}

fn receive_each(connections: &[TcpStream], beat: Beat) -> Result<Samples> {
    let left = AtomicUsize::new(2 * beat.records());
    let mut samples = Samples::default();
    thread::scope(|scope| {
        let left = &left;
        let own = |number| scope.spawn(move || receive_own(connections, number, beat, left));
        let threads: Vec<_> = (0..connections.len()).map(own).collect();
        for thread in threads {
            let own = thread.join().map_err(|_| anyhow!("a receiver's thread panicked"))??;
            samples.produced.extend(own.produced);
            samples.received.extend(own.received);
        }
        Ok(samples)
    })
}

/// Receives on one connection until nothing is `left` on any: then all of them are closed.
fn receive_own(
    connections: &[TcpStream],
    number: usize,
    beat: Beat,
    left: &AtomicUsize,
) -> Result<Samples> {
    let mut connection = &connections[number];
    if let Some(consumer) = number.checked_sub(PRODUCERS) {
        connection.write_all(&frames::fetch(consumer))?;
    }
    let mut samples = Samples::default();
    loop {
        let before = samples.count();
        let outcome = receive(connection, number, beat, &mut samples);
        let seen = samples.count() - before;
        if left.fetch_sub(seen, Ordering::Relaxed) == seen {
            for connection in connections {
                // It may be closed already.
                drop(connection.shutdown(Shutdown::Both));
            }
            return Ok(samples);
        }
        outcome?;
    }
}

/// Reads once; a consumer asks again.
fn receive(
    mut connection: &TcpStream,
    number: usize,
    beat: Beat,
    samples: &mut Samples,
) -> Result<()> {
    let mut buffer = [0; 64 << 10];
    let count = connection.read(&mut buffer)?;
    let answers = buffer.get(..count).filter(|answers| !answers.is_empty());
    let answers = answers.context("the server closed a connection")?;
    match number.checked_sub(PRODUCERS) {
        None => {
            let seen = answers.chunks(PRODUCED).map(|answer| beat.sample(frames::sent(answer)));
            samples.produced.extend(seen);
        }
        Some(consumer) => {
            let seen = answers.chunks(FETCHED).map(|answer| beat.sample(frames::sent(answer)));
            samples.received.extend(seen);
            connection.write_all(&frames::fetch(consumer))?;
        }
    }
    Ok(())
}
