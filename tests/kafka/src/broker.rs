//! A real Kafka broker, for comparison.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use crate::{java, text, tool};

/// A running broker and controller in one; killed when dropped.
#[derive(Debug)]
pub struct Broker {
    process: Child,
    /// Where it listens for clients.
    pub address: SocketAddr,
}

const POLL_PAUSE: Duration = Duration::from_millis(50);
/// A minute's worth: a start takes long on a busy machine.
const POLLS_MAX: u32 = 1200;

impl Broker {
    /// Starts a broker with Kafka's defaults in an empty folder.
    ///
    /// # Panics
    /// It did not start; what it said is shown.
    #[must_use]
    pub fn start(folder: &Path) -> Broker {
        let (address, controller) = (free_address(), free_address());
        let properties = folder.join("server.properties");
        fs::write(&properties, configuration(folder, address, controller))
            .expect("the folder can be written to");
        let file = properties.to_str().expect("folders of tests have plain names");
        let formatting = ["format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", file];
        let formatted = tool("kafka.tools.StorageTool", formatting);
        assert!(formatted.status.success(), "{}", text(&formatted));
        let log = File::create(folder.join("log")).expect("the folder can be written to");
        let process = java("kafka.Kafka")
            .arg(file)
            .stdout(log.try_clone().expect("a file can be opened twice"))
            .stderr(log)
            .stdin(Stdio::null())
            .spawn()
            .expect("the tool before has found Java");
        let broker = Broker { process, address };
        broker.wait_until_it_listens(folder);
        broker
    }

    #[expect(clippy::disallowed_methods, reason = "a test may wait")]
    fn wait_until_it_listens(&self, folder: &Path) {
        for _ in 0..POLLS_MAX {
            if TcpStream::connect(self.address).is_ok() {
                return;
            }
            thread::sleep(POLL_PAUSE);
        }
        let said = fs::read_to_string(folder.join("log")).unwrap_or_default();
        panic!("Kafka did not start:\n{said}");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(folder: &Path, address: SocketAddr, controller: SocketAddr) -> String {
    format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         listeners=PLAINTEXT://{address},CONTROLLER://{controller}\n\
         advertised.listeners=PLAINTEXT://{address}\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         controller.listener.names=CONTROLLER\n\
         controller.quorum.voters=1@{controller}\n\
         offsets.topic.replication.factor=1\n\
         transaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\n\
         log.dirs={}\n",
        folder.join("data").display()
    )
}

/// An address that nobody listened on a moment ago.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("a listener has an address")
}
