//! Properties files and the values of topic keys: nothing panics, and what is wrong is told with its
//! line.

use broker::config::{Config, check_topic_config};

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "process.roles=broker,controller\nnode.id=1\nlisteners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://\
         127.0.0.1:9093\ncontroller.listener.names=CONTROLLER\ncontroller.quorum.voters=1@127.0.0.1:\
         9093\nlog.dirs=data\nnum.partitions=3\nlog.retention.hours=1\n",
        "# a comment\n! another\nlog.segment.bytes : 2000000\nmessage.max.bytes\\\n = 1000\n",
        "retention.ms=-1\ncleanup.policy=compact,delete\ncompression.type=zstd\nflush.messages=1\n",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(problems) = Config::parse(text) {
        assert!(!problems.is_empty(), "what is refused is refused for a reason");
        let lines = text.lines().count();
        for problem in problems {
            assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)), "{problem:?}");
        }
    }
    for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
        if let Err(sentence) = check_topic_config(key, value) {
            assert!(!sentence.is_empty());
        }
    }
}
