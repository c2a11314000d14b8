//! A disk that is full and one that fails, under a broker under load: nothing that was acknowledged
//! is missing, doubled or out of order.

use client_tests::account::assert_kept;
use client_tests::client::{Client, librdkafka::Librdkafka};
use client_tests::image::Image;
use client_tests::load::{Load, PARTITIONS};
use client_tests::server::bare::Bare;
use client_tests::wait;
use std::time::Duration;

const TOPIC: &str = "numbers";
const PATIENCE: Duration = Duration::from_secs(60);
const FULL: &str = "the disk is full";
const ROOM: &str = "the disk has room again";
const CLOSED: &str = "so the log is closed";

/// Every record is acknowledged on disk; segments are short, so that some are begun.
const CONFIGURATION: &str = "log.flush.interval.messages=1\nlog.segment.bytes=1048576\n";

#[test]
#[ignore = "needs a built broker, and root"]
fn writing_resumes_by_itself_when_a_full_disk_has_room_again() {
    if !rustix::process::geteuid().is_root() {
        assert!(std::env::var_os("CI").is_none(), "CI can mount an image, which needs root");
        eprintln!("skipped: a disk that can be filled is an image, and to mount it needs root");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let image = Image::mount(folder.path(), 64 << 20).unwrap();
    let data = image.path().join("data");
    let mut broker = Bare::new(folder.path(), &data, CONFIGURATION).unwrap();
    broker.start(&[]).unwrap();
    let mut client = Librdkafka::start(&broker.bootstrap()).unwrap();
    for topic in [TOPIC, "other"] {
        assert_eq!(client.create(topic, PARTITIONS).unwrap(), "NONE");
    }
    let load = Load::start(&broker.bootstrap(), TOPIC).unwrap();
    for round in 1..=2 {
        wait::pause(Duration::from_millis(700));
        image.fill().unwrap();
        wait_until_said(&mut broker, FULL, round);
        // It reads while it cannot write, and says what it cannot do.
        assert!(!client.consume(TOPIC).unwrap().is_empty());
        let refused = client.create(&format!("large-{round}"), 2000).unwrap();
        assert!(["KAFKA_STORAGE_ERROR", "NONE"].contains(&refused.as_str()), "{refused}");
        image.empty().unwrap();
        wait_until_said(&mut broker, ROOM, round);
    }
    wait::pause(Duration::from_millis(700));
    let account = load.finish().unwrap();
    eprintln!("{} records acknowledged", account.iter().map(Vec::len).sum::<usize>());
    broker.check().unwrap();
    assert!(!broker.said().contains(CLOSED), "{}", broker.said());
    assert!(broker.said().contains(&data.display().to_string()), "the folder is named");
    assert_kept(&client.consume(TOPIC).unwrap(), &account);
    broker.kill().unwrap();
    broker.start(&[]).unwrap();
    assert_kept(&client.consume(TOPIC).unwrap(), &account);
    broker.stop().unwrap();
}

#[test]
#[ignore = "needs a built broker, and strace"]
fn pitfall_39_what_was_acknowledged_before_a_sync_failed_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut broker = Bare::new(folder.path(), &data, CONFIGURATION).unwrap();
    // Of each thread, from the 150th on; the controller's does not get that far.
    let fault = "inject=fsync,fdatasync:error=EIO:when=150+";
    let tracer = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"];
    broker.start(&[&tracer[..], &["-e", fault]].concat()).unwrap();
    let mut client = Librdkafka::start(&broker.bootstrap()).unwrap();
    assert_eq!(client.create(TOPIC, PARTITIONS).unwrap(), "NONE");
    let load = Load::start(&broker.bootstrap(), TOPIC).unwrap();
    for partition in 0..PARTITIONS {
        wait_until_said(&mut broker, &format!("{TOPIC}-{partition}"), 1);
    }
    wait::pause(Duration::from_millis(300));
    let said = broker.said();
    let closed = said.lines().filter(|line| line.contains(CLOSED)).count();
    assert_eq!(closed, 3, "each log says once that it is closed:\n{said}");
    broker.kill().unwrap();
    broker.start(&[]).unwrap();
    let account = load.finish().unwrap();
    eprintln!("{} records acknowledged", account.iter().map(Vec::len).sum::<usize>());
    assert_kept(&client.consume(TOPIC).unwrap(), &account);
    broker.stop().unwrap();
}

fn wait_until_said(broker: &mut Bare, what: &str, times: usize) {
    let said = wait::until(PATIENCE, &format!("the broker says `{what}`"), || {
        broker.check()?;
        Ok((broker.said().matches(what).count() >= times).then_some(()))
    });
    if let Err(error) = said {
        panic!("{error:#}; it said:\n{}", broker.said());
    }
}
