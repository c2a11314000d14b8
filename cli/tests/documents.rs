//! docs/cli.md knows every command for a person and every option of it.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The commands, and the section that describes them.
const COMMANDS: [(&str, &str); 11] = [
    ("topic list", "## Topics"),
    ("topic describe", "## Topics"),
    ("topic create", "## Topics"),
    ("topic alter", "## Topics"),
    ("topic delete", "## Topics"),
    ("produce", "## Produce"),
    ("consume", "## Consume"),
    ("group list", "## Groups"),
    ("group describe", "## Groups"),
    ("group reset", "## Groups"),
    ("group delete", "## Groups"),
];

/// What all of them have is described once.
const SHARED: [&str; 5] = ["--output", "--help", "--bootstrap-server", "--cluster", "--data"];

#[test]
fn the_page_of_the_commands_names_every_option_and_each_help_has_examples() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let page = std::fs::read_to_string(path).unwrap();
    for (command, heading) in COMMANDS {
        let help = help(command);
        assert!(help.contains("Examples:\n  "), "`klamm {command} --help` has no examples");
        let section = page.split_once(heading).unwrap().1.split("\n## ").next().unwrap();
        assert!(section.contains(&format!("`klamm {command}")), "`klamm {command}` is missing");
        for option in options(&help) {
            let known = SHARED.contains(&option.as_str()) || section.contains(&option);
            assert!(known, "docs/cli.md does not tell of `klamm {command} {option}`");
        }
    }
}

fn help(command: &str) -> String {
    let words = command.split(' ').chain(["--help"]);
    let output = Command::new(env!("CARGO_BIN_EXE_klamm")).args(words).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The long names that begin a line, with a short one in front or without.
fn options(help: &str) -> BTreeSet<String> {
    let options = help.lines().filter_map(|line| {
        let line = line.trim_start();
        let long = line
            .strip_prefix('-')
            .map_or(line, |_| line.split_once(", ").map_or(line, |(_, long)| long));
        let name = long.strip_prefix("--")?.split([' ', '[', '=']).next()?;
        Some(format!("--{name}"))
    });
    options.collect()
}
