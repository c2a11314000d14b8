//! The image of `klamm` in a Pod that may do nothing.

use anyhow::Result;
use kubernetes_tests::klamm::IMAGE;
use kubernetes_tests::{Cluster, Level};

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
    let namespace = cluster.namespace()?;
    // The API server itself refuses a Pod that may do more.
    let restricted = "pod-security.kubernetes.io/enforce=restricted";
    cluster.kubectl(&["label", "namespace", &namespace, restricted])?;
    cluster.import_klamm()?;
    cluster.apply(&namespace, &POD.replace("IMAGE", IMAGE))?;
    let (pod, at) = ("pod/version", ["--namespace", &namespace]);
    let ended = ["wait", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=60s", pod];
    cluster.kubectl(&[&ended[..], &at].concat())?;
    let printed = cluster.kubectl(&[&["logs", pod][..], &at].concat())?;
    assert_eq!(printed.trim(), concat!("klamm ", env!("CARGO_PKG_VERSION")));
    Ok(())
}
