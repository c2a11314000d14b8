//! Klamm's own commands for groups, and `klamm consume --group` as a member among others.

use crate::commands::{command, feed, prints, refuses, text};
use client_tests::process::{self, Owned};
use client_tests::server::Server;
use client_tests::{tools, wait};
use rustix::process::{Signal, kill_process};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const GROUPS: &str = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const CONSOLE: &str = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const PATIENCE: Duration = Duration::from_secs(60);

/// A broker with a topic `chat` of four partitions.
fn server() -> Server {
    let server = Server::start().unwrap();
    prints(&server, "topic create chat --partitions 4");
    server
}

/// Sends these numbers, a line each, each to the partition of its key.
fn send(server: &Server, numbers: std::ops::Range<u32>) {
    let lines: String = numbers.map(|number| format!("key {number}:{number}\n")).collect();
    let sent = feed(server, &["produce", "chat", "-K:"], lines.as_bytes());
    assert!(sent.status.success(), "{}", text(&sent.stderr));
}

fn sorted(lines: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = lines.lines().map(|line| line.parse().unwrap()).collect();
    numbers.sort_unstable();
    numbers
}

/// A consumer that goes on until it is ended, and a file with what it has written.
struct Reader {
    process: Owned,
    file: PathBuf,
    _folder: TempDir,
}

impl Reader {
    fn klamm(server: &Server, words: &str) -> Reader {
        let words: Vec<_> = words.split(' ').collect();
        Reader::start(command(server, &words))
    }

    /// Kafka's own consumer, in the group `g`.
    fn java(server: &Server, words: &str) -> Reader {
        let mut java = kafka_jars::java(CONSOLE);
        java.args(["--bootstrap-server", server.bootstrap(), "--topic", "chat", "--group", "g"]);
        java.args(["--command-property", "auto.offset.reset=earliest"]);
        java.args(words.split(' ').filter(|word| !word.is_empty()));
        java.env("JAVA_TOOL_OPTIONS", "-Dlog4j2.level=OFF");
        Reader::start(java)
    }

    fn start(mut command: Command) -> Reader {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("lines");
        command.stdin(Stdio::null()).stdout(File::create(&file).unwrap());
        command.stderr(File::create(folder.path().join("said")).unwrap());
        Reader { process: Owned(command.spawn().unwrap()), file, _folder: folder }
    }

    fn lines(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap()
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.file.with_file_name("said")).unwrap()
    }

    /// Ends it as Ctrl-C does; answers with what it has written.
    fn interrupt(mut self) -> String {
        kill_process(self.process.pid(), Signal::INT).unwrap();
        let ended =
            wait::until(PATIENCE, "it has ended", || Ok(self.process.0.try_wait()?)).unwrap();
        assert!(ended.success(), "{ended}: {}", self.said());
        self.lines()
    }
}

/// Waits until the group has members that read so many partitions each.
fn wait_for_shares(server: &Server, wanted: &[usize]) {
    let shares = || {
        let json = prints_or_nothing(server, "group describe g --members");
        let rows = json.lines().skip(2);
        let mut shares: Vec<usize> =
            rows.map(|row| row.split_whitespace().nth(4).unwrap().parse().unwrap()).collect();
        shares.sort_unstable();
        shares
    };
    wait::until(PATIENCE, "the partitions are shared", || Ok((shares() == wanted).then_some(())))
        .unwrap_or_else(|error| panic!("{error}: {:?} instead of {wanted:?}", shares()));
}

fn prints_or_nothing(server: &Server, words: &str) -> String {
    let words: Vec<_> = words.split(' ').collect();
    text(&command(server, &words).output().unwrap().stdout)
}

/// Waits until the readers have written these numbers between them.
fn wait_for_lines(readers: &[&Reader], wanted: std::ops::Range<u32>) -> Vec<u32> {
    let wanted: BTreeSet<u32> = wanted.collect();
    wait::until(PATIENCE, "all records are read", || {
        let lines: String = readers.iter().map(|reader| reader.lines()).collect();
        let found = sorted(&lines);
        let distinct: BTreeSet<u32> = found.iter().copied().collect();
        Ok(distinct.is_superset(&wanted).then_some(found))
    })
    .unwrap_or_else(|error| {
        let said: Vec<String> = readers.iter().map(|reader| reader.said()).collect();
        panic!("{error}: {said:?}")
    })
}

#[test]
#[ignore = "needs Java and Maven"]
fn a_group_is_listed_described_reset_and_deleted() {
    let server = server();
    send(&server, 0..40);
    assert!(refuses(&server, "group describe g").contains("there is no group g"));
    let all = prints(&server, "consume chat --group g -e");
    assert_eq!(sorted(&all), (0..40).collect::<Vec<_>>());
    assert_eq!(prints(&server, "consume chat --group g -e"), "");
    assert_eq!(prints(&server, "group list"), "g\n");
    let listed = prints(&server, "group list --state empty");
    assert!(listed.contains("g      Empty  classic  consumer"), "{listed}");

    let plan = prints(&server, "group reset g --topic chat --to-earliest");
    assert!(plan.starts_with("TOPIC  PARTITION  CURRENT  NEW\n"), "{plan}");
    assert_eq!(prints(&server, "consume chat --group g -e"), "", "a plan changes nothing");
    prints(&server, "group reset g --topic chat:0,1 --to-earliest --execute");
    let again = prints(&server, "consume chat --group g -e -f %p\\n");
    assert!(again.lines().all(|partition| partition < "2") && !again.is_empty(), "{again}");
    prints(&server, "group reset g --all-topics --shift-by -1 --execute");
    assert_eq!(prints(&server, "consume chat --group g -e").lines().count(), 4);
    prints(&server, "group reset g --all-topics --by-duration PT1H --execute");
    assert_eq!(prints(&server, "consume chat --group g -e").lines().count(), 40);
    prints(&server, "group reset g --all-topics --to-datetime 2100-01-01T00:00:00 --execute");
    assert_eq!(prints(&server, "consume chat --group g -e"), "");
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("offsets.csv");
    std::fs::write(&file, "chat,2,1\nchat,3,99999\n").unwrap();
    let words = format!("group reset g --from-file {} --execute -o json", file.display());
    let report = prints(&server, &words);
    assert!(report.contains("\"note\": \"99999 is beyond the end\""), "{report}");
    same_as_kafkas_tool(&server);

    prints(&server, "group delete g --topic chat:0");
    assert!(!prints(&server, "group describe g").contains("chat   0"));
    assert_eq!(prints(&server, "group delete g"), "deleted group g\n");
    assert!(refuses(&server, "group delete g").contains("there is no group g"));
}

/// Both tools tell the same offsets and lag.
fn same_as_kafkas_tool(server: &Server) {
    let cells = |text: &str, from: usize, to: usize| -> BTreeSet<Vec<String>> {
        let rows = text.lines().filter(|line| line.contains(" chat ") || line.starts_with("chat "));
        rows.map(|row| {
            row.split_whitespace().map(str::to_owned).collect::<Vec<_>>()[from..to].to_vec()
        })
        .collect()
    };
    let theirs = tools::run(server, GROUPS, &["--describe", "--group", "g"]).unwrap();
    let ours = prints(server, "group describe g");
    assert_eq!(cells(&ours, 0, 5), cells(&theirs, 1, 6), "{theirs}");
    assert_eq!(cells(&ours, 0, 5).len(), 4, "{ours}");
}

#[test]
#[ignore = "needs Java and Maven"]
fn members_share_partitions_and_hand_them_over_when_they_leave() {
    let server = server();
    let first = Reader::klamm(&server, "consume chat --group g");
    wait_for_shares(&server, &[4]);
    send(&server, 0..40);
    wait_for_lines(&[&first], 0..40);
    let second = Reader::klamm(&server, "consume chat --group g");
    wait_for_shares(&server, &[2, 2]);
    let refused = refuses(&server, "group reset g --topic chat --to-earliest --execute");
    assert!(refused.contains("group g has 2 members (Stable): stop them first"), "{refused}");
    send(&server, 40..80);
    wait_for_lines(&[&first, &second], 0..80);
    let second = second.interrupt();
    wait_for_shares(&server, &[4]);
    send(&server, 80..120);
    wait_for_lines(&[&first], 80..120);
    // Whoever leaves in good order has committed all: nobody reads it again.
    let all = format!("{}{second}", first.interrupt());
    assert_eq!(sorted(&all), (0..120).collect::<Vec<_>>());
}

#[test]
#[ignore = "needs Java and Maven"]
fn a_member_that_is_killed_is_replaced_and_nothing_is_missed() {
    let server = server();
    let words = "consume chat --group g --session-timeout 6 --assignor roundrobin";
    let (first, second) = (Reader::klamm(&server, words), Reader::klamm(&server, words));
    wait_for_shares(&server, &[2, 2]);
    send(&server, 0..40);
    wait_for_lines(&[&first, &second], 0..40);
    process::kill(first.process.pid()).unwrap();
    send(&server, 40..80);
    let found = wait_for_lines(&[&first, &second], 0..80);
    assert!(found.len() < 120, "what was committed is not read again");
    wait_for_shares(&server, &[4]);
    second.interrupt();
}

#[test]
#[ignore = "needs Java and Maven"]
fn a_static_member_comes_back_to_what_it_had() {
    let server = server();
    let words = "consume chat --group g --instance-id one";
    let other = Reader::klamm(&server, "consume chat --group g --instance-id two");
    let one = Reader::klamm(&server, words);
    wait_for_shares(&server, &[2, 2]);
    let shares = || {
        let members = prints(&server, "group describe g --members");
        let rows = members.lines().skip(2).map(|row| row.split_whitespace().collect::<Vec<_>>());
        rows.map(|row| format!("{} {}", row[1], row[5])).collect::<BTreeSet<_>>()
    };
    let before = shares();
    one.interrupt();
    assert_eq!(shares(), before, "nobody gets what it had");
    send(&server, 0..40);
    let one = Reader::klamm(&server, words);
    wait_for_lines(&[&one, &other], 0..40);
    assert_eq!(shares(), before);
    let mut twin = Reader::klamm(&server, words);
    // The newer one of two with the same name stays.
    let mut one = one;
    let ended =
        wait::until(PATIENCE, "the older one has ended", || Ok(one.process.0.try_wait()?));
    assert_eq!(ended.unwrap().code(), Some(1));
    let said = one.said();
    assert!(said.contains("another member has come with this --instance-id"), "{said}");
    assert!(twin.process.0.try_wait().unwrap().is_none());
}

/// Klamm's consumer and Java's in one group, whoever of them leads.
fn shares_with_java(ours: &str, theirs: &str) {
    let server = server();
    let ours_words = format!("consume chat --group g{ours}");
    let first = Reader::klamm(&server, &ours_words);
    wait_for_shares(&server, &[4]);
    let java = Reader::java(&server, theirs);
    wait_for_shares(&server, &[2, 2]);
    send(&server, 0..40);
    wait_for_lines(&[&first, &java], 0..40);
    assert!(!first.lines().is_empty() && !java.lines().is_empty());
    // Java's leads once the first one has left.
    first.interrupt();
    wait_for_shares(&server, &[4]);
    let second = Reader::klamm(&server, &ours_words);
    wait_for_shares(&server, &[2, 2]);
    send(&server, 40..80);
    wait::until(
        PATIENCE,
        "the new member reads",
        || Ok((!second.lines().is_empty()).then_some(())),
    )
    .unwrap();
    second.interrupt();
    drop(java);
}

#[test]
#[ignore = "needs Java and Maven"]
fn a_group_is_shared_with_javas_consumer_by_range() {
    shares_with_java("", "");
}

#[test]
#[ignore = "needs Java and Maven"]
fn a_group_is_shared_with_javas_consumer_cooperatively() {
    let strategy = "--command-property partition.assignment.strategy=\
                    org.apache.kafka.clients.consumer.CooperativeStickyAssignor";
    shares_with_java(" --assignor cooperative-sticky", strategy);
}

#[test]
#[ignore = "needs Java and Maven"]
fn what_a_member_has_committed_outlives_the_broker() {
    let mut server = server();
    send(&server, 0..40);
    let reader = Reader::klamm(&server, "consume chat --group g");
    wait_for_lines(&[&reader], 0..40);
    server.crash().unwrap();
    wait::until(PATIENCE, "the broker answers again", || {
        Ok((!prints_or_nothing(&server, "topic list").is_empty()).then_some(()))
    })
    .unwrap();
    send(&server, 40..80);
    wait_for_lines(&[&reader], 0..80);
    reader.interrupt();
    assert_eq!(prints(&server, "consume chat --group g -e"), "");
}
