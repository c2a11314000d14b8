//! Brokers do not need the API server to serve, and the operator is there again when it is.

use anyhow::Result;
use kubernetes_tests::Chat;
use std::time::Duration;
use workshop::wait;

/// Shorter than an operator keeps a lease that it cannot renew.
const AWAY: Duration = Duration::from_secs(20);

#[test]
#[ignore = "needs a test cluster"]
fn api_server_that_is_away_costs_no_restart_and_no_record() -> Result<()> {
    let mut chat = Chat::begin(1)?;
    let before = chat.incarnation()?;
    chat.produce(100)?;
    chat.cluster.hold_api_server()?;
    let held = chat.produce(100);
    wait::pause(AWAY);
    chat.cluster.continue_api_server()?;
    held?;
    chat.patch(r#"{"config":{"log.retention.ms":"86400000"}}"#)?;
    chat.ready("cluster/chat")?;
    chat.check_operator()?;
    assert_eq!(chat.known("cluster/chat", r".status.config.log\.retention\.ms")?, "86400000");
    assert_eq!(chat.incarnation()?, before);
    chat.check_records()
}
