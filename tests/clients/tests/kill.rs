//! SIGKILL of the broker under load, again and again: nothing that was acknowledged is missing,
//! doubled or out of order.

use client_tests::account::assert_kept;
use client_tests::client::{Client, librdkafka::Librdkafka};
use client_tests::load::{Load, PARTITIONS};
use client_tests::probe;
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
    assert_kept(&client.consume(TOPIC).unwrap(), &account);
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
