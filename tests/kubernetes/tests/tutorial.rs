//! The Kubernetes half of the tutorial, and the how-tos that go on from it, typed in as they stand.
//!
//! Every indented block is a script. A command that goes on until somebody ends it is given a few
//! seconds; one that shows a field is typed again until there is something to show, as a reader does.

use anyhow::{Context, Result, bail, ensure};
use kubernetes_tests::{Cluster, Level, Place, programs};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use workshop::process;

const PATIENCE: Duration = Duration::from_secs(90);
/// What nobody can type here: there is no registry, and nothing that scrapes.
const ELSEWHERE: [&str; 2] = ["docker ", "monitoring."];
/// The image is on the node and nowhere else.
const IMAGE: [(&str, &str); 1] = [(
    "image.repository=REGISTRY/klamm,image.tag=0.1.0",
    "image.repository=localhost/klamm,image.tag=test,image.pullPolicy=Never",
)];

#[test]
#[ignore = "needs a test cluster"]
fn kubernetes_half_of_the_tutorial_and_the_how_tos_work_as_they_stand() -> Result<()> {
    let cluster = Cluster::shared(Level::Node, 1)?;
    cluster.import_klamm()?;
    let reader = Reader::new(Place::new(cluster, PATIENCE)?)?;
    let tutorial = page("docs/tutorial.md")?;
    for heading in ["Install the operator", "Apply the same manifest"] {
        reader.follow(section(&tutorial, &format!("### {heading}"))?)?;
    }
    let said = reader.said()?;
    ensure!(said.contains("messages") && said.contains("hello"), "{said}");
    let before = reader.place.known(POD, ".metadata.uid")?;
    reader.follow(section(&tutorial, "### Watch a roll")?)?;
    let said = reader.said()?;
    ensure!(said.contains("restart broker 0: num.io.threads becomes 4"), "{said}");
    reader.place.until("there is another Pod", || {
        Some(reader.place.field(POD, ".metadata.uid")? != before)
    })?;
    reader.place.ready(CHAT)?;
    reader.follow(section(&tutorial, "### Look at it")?)?;
    let said = reader.said()?;
    ensure!(said.contains("klamm_build_info"), "{said}");

    reader.follow(&page("docs/how-to/pause.md")?)?;
    let id = reader.place.known(CHAT, ".status.clusterId")?;
    reader.follow(section(&page("docs/how-to/uninstall-and-adopt.md")?, "## A cluster")?)?;
    reader.place.ready(CHAT)?;
    assert_eq!(reader.place.known(CHAT, ".status.clusterId")?, id);
    let events = reader.place.kubectl(&["get", "events"])?;
    ensure!(events.contains("AdoptIdentity"), "{events}");
    reader.follow(section(&tutorial, "### Take it down")?)
}

const CHAT: &str = "clusters.klamm.dev/chat";
const POD: &str = "pod/chat-brokers-0";

/// Someone at a terminal, whose kubectl has the namespace as its own.
struct Reader {
    place: Place,
    kubeconfig: PathBuf,
}

impl Reader {
    fn new(place: Place) -> Result<Reader> {
        let kubeconfig = place.cluster.folder().file("reader.kubeconfig");
        std::fs::copy(place.cluster.kubeconfig(), &kubeconfig)?;
        let reader = Reader { place, kubeconfig };
        let namespace = format!("--namespace={}", reader.place.namespace);
        reader.run(&format!("kubectl config set-context --current {namespace}"))?;
        Ok(reader)
    }

    /// Types in what a text says.
    fn follow(&self, text: &str) -> Result<()> {
        std::fs::write(self.screen(), "")?;
        for block in blocks(text) {
            if ELSEWHERE.iter().all(|it| !block.contains(it)) || block.starts_with("docker ") {
                self.run(&script(&block)).with_context(|| block.clone())?;
            }
        }
        Ok(())
    }

    /// What stands on the screen since the last text was begun.
    fn said(&self) -> Result<String> {
        Ok(std::fs::read_to_string(self.screen())?)
    }

    fn run(&self, script: &str) -> Result<()> {
        let mut bash: Command = self.place.cluster.command("bash".as_ref());
        bash.env("KUBECONFIG", &self.kubeconfig).env("PATH", path()?).current_dir(root());
        for folder in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            bash.env(folder, self.place.cluster.folder().file("helm"));
        }
        let output = process::output(bash.args(["-euc", script]))?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        std::fs::write(self.screen(), self.said().unwrap_or_default() + &said)?;
        if !output.status.success() {
            bail!("{said}");
        }
        Ok(())
    }

    fn screen(&self) -> PathBuf {
        self.kubeconfig.with_extension("screen")
    }
}

/// The indented lines of a text that stand together.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = vec![String::new()];
    for line in text.lines() {
        match (line.strip_prefix("    "), blocks.last_mut()) {
            (Some(line), Some(block)) => *block += &format!("{line}\n"),
            (None, Some(block)) if !block.is_empty() => blocks.push(String::new()),
            (_, _) => {}
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// A block as a script.
fn script(block: &str) -> String {
    let lines = block.lines().filter(|line| ELSEWHERE.iter().all(|it| !line.contains(it)));
    let lines = lines.map(|line| {
        let line = IMAGE.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to));
        if line.ends_with(" --watch") {
            return format!("timeout 3 {line} || true");
        }
        if line.starts_with("kubectl port-forward") {
            return format!("timeout 20 {line} >/dev/null & sleep 3");
        }
        if line.starts_with("kubectl get") && line.contains("jsonpath") {
            return format!("for _ in $(seq 30); do said=$({line}); [ -z \"$said\" ] || break; sleep 1; done; echo \"$said\"");
        }
        if let Some(asked) = line.strip_prefix("hash=$(") {
            let asked = asked.trim_end_matches(')');
            return format!("until hash=$({asked}) && [ -n \"$hash\" ]; do sleep 1; done");
        }
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn section<'a>(page: &'a str, heading: &str) -> Result<&'a str> {
    let (_, rest) = page.split_once(&format!("{heading}\n")).with_context(|| heading.to_owned())?;
    Ok(rest.split("\n#").next().unwrap_or_default())
}

fn page(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).with_context(|| path.to_owned())
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Where the shell finds kubectl and Helm.
fn path() -> Result<std::ffi::OsString> {
    let helm = programs::helm()?;
    let ours = [programs::kubernetes()?, helm.parent().context("it lies somewhere")?.to_owned()];
    let theirs = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(ours.into_iter().chain(std::env::split_paths(&theirs)))?)
}
