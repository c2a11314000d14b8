//! SIGKILL of the broker under load, again and again: nothing that was acknowledged is missing,
//! doubled or out of order.

#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

use client_tests::client::{Client, librdkafka::Librdkafka};
use client_tests::load::{Load, PARTITIONS};
use client_tests::probe;
use client_tests::record::Record;
use client_tests::server::Server;
use client_tests::wait;
use std::time::Duration;

const TOPIC: &str = "numbers";
const PATIENCE: Duration = Duration::from_secs(60);

/// After this, `klamm up` takes a broker for well, and starts it at once when it ends again. Without
/// a pause of this length now and then, its back-off would be most of the test.
const WELL: Duration = Duration::from_millis(10_500);

#[test]
#[ignore = "needs a built broker"]
fn nothing_acknowledged_is_missing_doubled_or_out_of_order_after_kills() {
    let kills = std::env::var("KLAMM_KILLS").map_or(3, |kills| kills.parse().unwrap());
    let mut server = Server::start().unwrap();
    let mut client = Librdkafka::start(server.bootstrap()).unwrap();
    for (topic, partitions) in [(TOPIC, PARTITIONS), ("probe", 1)] {
        assert_eq!(client.create(topic, partitions).unwrap(), "NONE");
    }
    let load = Load::start(server.bootstrap(), TOPIC).unwrap();
    let mut waits = Waits::new();
    for kill in 1..=kills {
        wait::pause(if kill % 4 == 0 { WELL } else { waits.next() });
        server.crash().unwrap();
        wait::until(PATIENCE, "a record is acknowledged again", || {
            Ok(probe::produce(server.bootstrap(), "probe").ok())
        })
        .unwrap();
        let after = server.started().elapsed().as_millis();
        eprintln!("kill {kill}: served {after} ms after the restart");
    }
    wait::pause(waits.next());
    let account = load.finish().unwrap();
    let records: usize = account.iter().map(Vec::len).sum();
    eprintln!("{records} records acknowledged across {kills} kills");
    let found = client.consume(TOPIC).unwrap();
    for (partition, acknowledged) in (0..).zip(account) {
        let own = found.iter().filter(|consumed| consumed.record.partition == partition);
        let numbers: Vec<_> = own.map(|found| (found.offset, number(&found.record))).collect();
        let wanted: Vec<_> = (0..).zip(0..acknowledged.len()).collect();
        assert_same(partition, &numbers, &wanted);
        let misplaced = (0_i64..).zip(&acknowledged).find(|(own, told)| own != *told);
        assert_eq!(misplaced, None, "partition {partition}: acknowledged at another offset");
    }
}

/// The time from one kill to the next: from the first moments of a broker to well into its work.
struct Waits(u64);

impl Waits {
    fn new() -> Waits {
        let seed = wait::wall_clock().unsigned_abs() | 1;
        eprintln!("waits from seed {seed}");
        Waits(seed)
    }

    fn next(&mut self) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_millis(self.0 % 1500)
    }
}

fn number(record: &Record) -> usize {
    let value = record.value.as_deref().unwrap();
    std::str::from_utf8(value).unwrap().parse().unwrap()
}

/// Names the first difference, since the lists are long.
fn assert_same(partition: i32, found: &[(i64, usize)], wanted: &[(i64, usize)]) {
    let difference = found.iter().zip(wanted).position(|(found, wanted)| found != wanted);
    if let Some(at) = difference {
        let near = at.saturating_sub(2)..(at + 3).min(found.len());
        panic!("partition {partition}: (offset, number) at {at} is wrong: {:?}", &found[near]);
    }
    assert_eq!(found.len(), wanted.len(), "partition {partition}: number of records");
}
