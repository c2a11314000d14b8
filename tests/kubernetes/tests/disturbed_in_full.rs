//! Faults that take their time: a node without its link, and an operator that is killed again and
//! again.

use anyhow::{Context, Result, ensure};
use kubernetes_tests::Chat;
use std::time::Duration;
use workshop::wait;

const POD: &str = "pod/chat-brokers-0";
const CHAT: &str = "cluster/chat";
/// Longer than it takes to notice that a node is silent, shorter than its Pods are waited for.
const CUT: Duration = Duration::from_secs(30);
/// How often the operator is killed, each time in another roll.
const KILLS: u64 = 10;
/// A roll is over by then.
const ROLL_MS: u64 = 5000;
/// What the operator does about a change by itself.
const OWN_STEPS_MS: u64 = 600;

/// The broker on the node whose link can be cut.
const APART: &str = "{ nodeSelector: { kubernetes.io/hostname: node2 } }";

/// On a node of its own, and given up soon after that node falls silent.
const IMPATIENT: &str = "{ nodeSelector: { kubernetes.io/hostname: node3 }, \
     tolerations: [{ key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, \
     tolerationSeconds: 2 }] }";
/// An operator looks at what is not ready every five seconds; this is more than one look.
const GIVEN_UP: Duration = Duration::from_secs(12);

#[test]
#[ignore = "needs a test cluster"]
fn node_without_its_link_for_a_while_comes_back_with_the_same_pod() -> Result<()> {
    let mut chat = Chat::begin_with(3, APART)?;
    chat.produce(100)?;
    assert_eq!(chat.known(POD, ".spec.nodeName")?, "node2");
    let before = chat.incarnation()?;
    let ready = ".status.conditions[?(@.type=='Ready')].status";
    chat.cluster.cut_link(2)?;
    let noticed = chat.until("the broker is missed", || Some(chat.field(CHAT, ready)? == "False"));
    wait::pause(CUT);
    chat.cluster.mend_link(2)?;
    noticed?;
    chat.ready(CHAT)?;
    chat.check_operator()?;
    assert_eq!(chat.incarnation()?, before);
    chat.produce(100)?;
    chat.check_records()
}

#[test]
#[ignore = "needs a test cluster"]
fn pod_given_up_with_its_node_is_replaced_once_when_the_node_is_back() -> Result<()> {
    let mut chat = Chat::begin_with(3, IMPATIENT)?;
    chat.produce(100)?;
    let (identity, before) = (chat.identity()?, chat.incarnation()?);
    let mut requests = chat.cluster.requests()?;
    chat.cluster.cut_link(3)?;
    let given_up = chat.until("the Pod is given up", || {
        Some(chat.field(POD, ".metadata.deletionTimestamp").is_some())
    });
    wait::pause(GIVEN_UP);
    chat.cluster.mend_link(3)?;
    given_up?;
    chat.until("there is another Pod", || Some(chat.field(POD, ".metadata.uid")? != before.0))?;
    chat.ready(POD)?;
    chat.ready(CHAT)?;
    chat.check_operator()?;
    assert_eq!(requests.pods_made(&chat.namespace)?, 1);
    assert_eq!(chat.identity()?, identity);
    chat.check_records()
}

#[test]
#[ignore = "needs a test cluster"]
fn operator_killed_at_any_moment_of_a_roll_restarts_the_broker_once_for_each_change() -> Result<()>
{
    let seed =
        std::env::var("KLAMM_SEED").map_or_else(|_| Ok(wall_clock()), |seed| seed.parse())?;
    let moments: Vec<_> = (0..KILLS).map(|kill| moment(seed, kill)).collect();
    let told = format!("KLAMM_SEED={seed}: the operator is killed after {moments:?} ms");
    eprintln!("{told}");
    kills(&moments).context(told)
}

fn kills(moments: &[u64]) -> Result<()> {
    let mut chat = Chat::begin(3)?;
    let identity = chat.identity()?;
    for (kill, moment) in moments.iter().enumerate() {
        chat.produce(100)?;
        let mut requests = chat.cluster.requests()?;
        chat.patch(&format!(r#"{{"config":{{"num.partitions":"{}"}}}}"#, kill + 2))?;
        wait::pause(Duration::from_millis(*moment));
        chat.replace_operator()?;
        chat.ready(CHAT).with_context(|| format!("kill {kill}, after {moment} ms"))?;
        let made = requests.pods_made(&chat.namespace)?;
        ensure!(made == 1, "kill {kill}, after {moment} ms: {made} Pods were made");
    }
    assert_eq!(chat.identity()?, identity);
    assert_eq!(chat.incarnation()?.1, "0");
    chat.check_records()
}

/// Half of the moments lie where the operator acts, the others anywhere in a roll.
fn moment(seed: u64, kill: u64) -> u64 {
    let mut bits = seed.wrapping_add(kill.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ (bits >> 31)) % if kill.is_multiple_of(2) { OWN_STEPS_MS } else { ROLL_MS }
}

fn wall_clock() -> u64 {
    u64::try_from(wait::wall_clock()).unwrap_or(0)
}
