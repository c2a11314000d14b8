//! Kafka's command-line tools as a person types them: a text of commands and of what they print.
//!
//! A line that begins with `$ ` is a command, the lines below it are its answer. A heading, a line
//! that begins with `# `, opens a part: what a test does between two parts is no command.

use crate::server::Server;
use crate::tools;
use anyhow::{Context, Result};
use regex::Regex;
use std::fmt::Write as _;

/// The names that the tools have as scripts, and their classes.
const TOOLS: [(&str, &str); 4] = [
    ("kafka-consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
    ("kafka-groups", "org.apache.kafka.tools.GroupsCommand"),
    ("kafka-get-offsets", "org.apache.kafka.tools.GetOffsetShell"),
    ("kafka-console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
];

/// What a tool says beside its answer, on every other call.
const ADVICE: [&str; 2] = [
    "WARN: No action will be performed as the --execute option is missing.",
    "The consumer rebalance protocol (KIP-848) is production-ready!",
];

/// A word in a command that stands for another one, such as a time.
pub type Word<'a> = (&'a str, &'a str);

/// Types the commands of one part of a text; answers with the part as it really is.
pub fn type_part(server: &Server, text: &str, part: &str, words: &[Word<'_>]) -> Result<String> {
    let mut real = String::new();
    for line in self::part(text, part)?.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            writeln!(real, "{line}")?;
            real.push_str(&answer(server, command, words)?);
        }
    }
    Ok(real)
}

/// One part of a text.
pub fn part<'a>(text: &'a str, name: &str) -> Result<&'a str> {
    let mut parts = text.split("# ").filter_map(|part| part.split_once('\n'));
    let found = parts.find(|(heading, _)| *heading == name);
    found.map(|(_, part)| part).with_context(|| format!("there is no part `{name}`"))
}

/// What a tool prints, without the widths of its columns and without what is drawn by chance.
fn answer(server: &Server, command: &str, words: &[Word<'_>]) -> Result<String> {
    let mut command = command.to_owned();
    for (word, replacement) in words {
        command = command.replace(word, replacement);
    }
    let typed: Vec<_> = command.split_whitespace().collect();
    let (tool, arguments) = typed.split_first().context("a command names a tool")?;
    let known = TOOLS.iter().find(|(name, _)| name == tool);
    let (_, class) = known.with_context(|| format!("{tool} is not known"))?;
    let printed = tools::run(server, class, arguments)?;
    let printed = Regex::new(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")?
        .replace_all(&printed, "UUID")
        .into_owned();
    let is_advice = |line: &&str| ADVICE.iter().any(|advice| line.starts_with(advice));
    let mut lines = Vec::new();
    for line in printed.lines().filter(|line| !is_advice(line)) {
        let words: Vec<_> = line.split_whitespace().collect();
        lines.push(words.join(" ").replace("/127.0.0.1 ", "/HOST "));
    }
    if arguments.contains(&"--list") {
        // A broker lists its groups in no order.
        lines.sort_by_key(|line| (!line.starts_with("GROUP "), line.clone()));
    }
    let answer = lines.join("\n");
    let trimmed = answer.trim_matches('\n');
    Ok(if trimmed.is_empty() { String::new() } else { format!("{trimmed}\n") })
}
