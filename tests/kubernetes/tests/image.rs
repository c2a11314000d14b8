//! The image of `klamm` in a Pod that may do nothing.

use anyhow::Result;
use kubernetes_tests::klamm::IMAGE;
use kubernetes_tests::{Cluster, Level, Place};
use std::time::Duration;

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: { name: version }
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
  containers:
  - name: klamm
    image: IMAGE
    imagePullPolicy: Never
    args: [--version]
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: { drop: [ALL] }
";

#[test]
#[ignore = "needs a test cluster"]
fn program_runs_as_nobody_in_a_pod_that_may_do_nothing() -> Result<()> {
    let cluster = Cluster::shared(Level::Node, 1)?;
    let place = Place::new(cluster, Duration::from_secs(60))?;
    place.restrict()?;
    cluster.import_klamm()?;
    place.apply(&POD.replace("IMAGE", IMAGE))?;
    let ended = "--for=jsonpath={.status.phase}=Succeeded";
    place.kubectl(&["wait", ended, "--timeout=60s", "pod/version"])?;
    let printed = place.kubectl(&["logs", "pod/version"])?;
    assert_eq!(printed.trim(), concat!("klamm ", env!("CARGO_PKG_VERSION")));
    Ok(())
}
