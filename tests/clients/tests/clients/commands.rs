//! Klamm's own commands, which must do the same to Klamm and to Apache Kafka.

use crate::checks;
use client_tests::client::Codec;
use client_tests::client::librdkafka::Librdkafka;
use client_tests::server::{Server, klamm};
use client_tests::wait;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// The command with these words, at this server.
pub(crate) fn command(server: &Server, words: &[&str]) -> Command {
    let mut command = Command::new(klamm::program().unwrap());
    command.args(words).args(["-b", server.bootstrap()]).env_remove("KLAMM_BOOTSTRAP");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs a command to its end.
fn run(server: &Server, words: &str) -> Output {
    let words: Vec<_> = words.split(' ').collect();
    command(server, &words).output().unwrap()
}

/// Runs a command that must succeed; answers with what it printed.
pub(crate) fn prints(server: &Server, words: &str) -> String {
    let output = run(server, words);
    assert!(output.status.success(), "{words}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs a command that must fail; answers with what it said.
pub(crate) fn refuses(server: &Server, words: &str) -> String {
    let output = run(server, words);
    assert_eq!(output.status.code(), Some(1), "{words}: {}", text(&output.stderr));
    text(&output.stderr)
}

/// Runs a command that reads this.
pub(crate) fn feed(server: &Server, words: &[&str], input: &[u8]) -> Output {
    let mut child = command(server, words).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
#[ignore = "needs a broker"]
fn commands_create_list_describe_alter_and_delete_topics() {
    let server = Server::start().unwrap();
    let created = prints(&server, "topic create chat --partitions 2 --set retention.ms=1000");
    assert_eq!(created, "created topic chat\n");
    assert!(refuses(&server, "topic create chat").contains("TOPIC_ALREADY_EXISTS"));
    let listed = prints(&server, "topic list --exclude-internal");
    assert_eq!(listed, "TOPIC  PARTITIONS  REPLICAS\nchat   2           1\n");

    let altered = prints(
        &server,
        "topic alter chat --set cleanup.policy=compact --unset retention.ms --partitions 3",
    );
    assert_eq!(
        altered,
        "chat: cleanup.policy=compact\nchat: retention.ms has its default\nchat: 3 partitions\n"
    );
    // A broker of Kafka learns a moment later what its controller has done.
    let described = wait::until(Duration::from_secs(10), "the alteration is seen", || {
        let described = prints(&server, "topic describe chat");
        Ok((!described.contains("retention.ms")).then_some(described))
    })
    .unwrap();
    assert!(
        described.contains("partitions 3, replicas 1\n  cleanup.policy=compact\n"),
        "{described}"
    );
    let nonsense = refuses(&server, "topic alter chat --set retention.ms=soon");
    assert!(nonsense.contains("retention.ms"), "{nonsense}");
    let shrunk = refuses(&server, "topic alter chat --partitions 1");
    assert!(shrunk.contains("INVALID_PARTITIONS"), "{shrunk}");

    assert_eq!(prints(&server, "topic delete chat"), "deleted topic chat\n");
    assert!(refuses(&server, "topic describe chat").contains("there is no topic chat"));
}

#[test]
#[ignore = "needs a broker"]
fn lines_come_back_as_they_were_through_every_codec() {
    let server = Server::start().unwrap();
    let lines: String =
        (0..20_000).map(|number| format!("key{}:line {number}\n", number % 7)).collect();
    for codec in Codec::ALL {
        let topic = format!("lines-{}", codec.name());
        prints(&server, &format!("topic create {topic} --partitions 1"));
        let produced =
            feed(&server, &["produce", &topic, "-K:", "-z", codec.name()], lines.as_bytes());
        assert!(produced.status.success(), "{}", text(&produced.stderr));
        let consumed = prints(&server, &format!("consume {topic} -e -K:"));
        assert!(consumed == lines, "{topic}");
    }
    let some = prints(&server, "consume lines-none --from 19998 -e");
    assert_eq!(some, "line 19998\nline 19999\n");
    let last = prints(&server, "consume lines-gzip --from -2 -c 1 -f %p@%o=%s");
    assert_eq!(last, "0@19998=line 19998");
}

#[test]
#[ignore = "needs a broker"]
fn a_key_goes_to_one_partition_and_json_tells_where() {
    let server = Server::start().unwrap();
    prints(&server, "topic create keys --partitions 6");
    let words = ["produce", "keys", "-K:", "-Z", "-H", "a=1", "-H", "b", "-o", "json"];
    let produced = feed(&server, &words, b"foobar:1\nfoobar:\n21:3\n");
    let told = text(&produced.stdout);
    // Java's hashes of these keys, without their sign, modulo six.
    for line in [
        r#"{"line":1,"partition":0,"offset":0}"#,
        r#"{"line":2,"partition":0,"offset":1}"#,
        r#"{"line":3,"partition":0,"offset":2}"#,
    ] {
        assert!(told.lines().any(|found| found == line), "{told}");
    }
    let json = prints(&server, "consume keys -e -o json");
    let second = json.lines().nth(1).unwrap();
    let end = r#""key":"foobar","value":null,"headers":[{"key":"a","value":"1"},{"key":"b","value":null}]}"#;
    assert!(second.ends_with(end), "{second}");
}

#[test]
#[ignore = "needs a broker"]
fn what_is_not_acknowledged_is_told_line_by_line() {
    let server = Server::start().unwrap();
    prints(&server, "topic create small --partitions 1 --set max.message.bytes=1000");
    let input = [b"first\n", "x".repeat(2_000).as_bytes(), b"\nlast\n"].concat();
    let produced = feed(&server, &["produce", "small"], &input);
    assert_eq!(produced.status.code(), Some(1));
    let said = text(&produced.stderr);
    assert!(said.contains("line 2: small-0: MESSAGE_TOO_LARGE"), "{said}");
    assert!(said.ends_with("1 record not acknowledged, 2 records acknowledged\n"), "{said}");
    assert_eq!(prints(&server, "consume small -e"), "first\nlast\n");
    let wrong = feed(&server, &["produce", "small", "-p", "7"], b"x\n");
    assert!(text(&wrong.stderr).contains("line 1: the topic has no partition 7"));
}

#[test]
#[ignore = "needs kcat"]
fn formats_say_what_kcat_says() {
    let server = Server::start().unwrap();
    let mut writer = Librdkafka::start(server.bootstrap()).unwrap();
    checks::fill(&mut writer, "formats", Codec::Zstd, client_tests::client::Acks::All);
    // Not %h: kcat ends a header's value at its first zero byte.
    let format = "%t %p %o %T [%K:%k] [%S:%s]\\n";
    for partition in ["0", "1", "2"] {
        let words = ["consume", "formats", "-e", "-p", partition, "-f", format];
        let ours = command(&server, &words).output().unwrap();
        let mut kcat = Command::new("kcat");
        kcat.args(["-C", "-q", "-e", "-b", server.bootstrap(), "-t", "formats"]);
        let theirs = kcat.args(["-p", partition, "-f", format]).output().unwrap();
        assert!(theirs.status.success() && !theirs.stdout.is_empty());
        assert!(ours.stdout == theirs.stdout, "partition {partition}");
    }
}

#[test]
#[ignore = "needs a broker"]
fn a_reader_who_has_seen_enough_ends_it_quietly() {
    let server = Server::start().unwrap();
    prints(&server, "topic create many --partitions 1");
    let lines = "a line like all the others\n".repeat(200_000);
    assert!(feed(&server, &["produce", "many"], lines.as_bytes()).status.success());
    let mut consume = command(&server, &["consume", "many"]).spawn().unwrap();
    let mut first = [0; 27];
    std::io::Read::read_exact(consume.stdout.as_mut().unwrap(), &mut first).unwrap();
    drop(consume.stdout.take());
    let output = consume.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(text(&output.stderr), "");
}
