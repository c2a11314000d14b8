//! The signals that end a command in good order; the second one ends it on the spot.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::{Failure, print};

/// Knows whether the command shall end.
#[derive(Debug, Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for SIGINT and SIGTERM from now on.
    pub(crate) fn listen() -> Result<Stop, Failure> {
        let failed = |error: std::io::Error| Failure::Failed(error.to_string());
        let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            let mut signals = 0;
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                signals += 1;
                if signals > 1 {
                    print::problem("ended at once, at the second signal");
                    std::process::exit(1);
                }
                // Nobody waits for it when the command is about to end anyway.
                let _ = sender.send(true);
            }
        });
        Ok(Stop(receiver))
    }

    /// Resolves when the command shall end.
    pub(crate) async fn requested(&mut self) {
        if self.0.wait_for(|requested| *requested).await.is_err() {
            std::future::pending().await
        }
    }
}
