//! The image of `klamm` in a Pod that may do nothing.

use anyhow::Result;
use image::{Compression, klamm};
use kubernetes_tests::cluster::built;
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
    cluster.import_klamm()?;
    assert_runs(cluster, IMAGE)
}

#[test]
#[ignore = "needs a test cluster"]
fn image_that_was_packed_to_be_carried_runs_too() -> Result<()> {
    let cluster = Cluster::shared(Level::Node, 1)?;
    let (name, archive) = ("localhost/klamm:carried", cluster.folder().file("carried.tar"));
    let image = klamm::image(&built("klamm")?, name, Compression::Gzip)?;
    eprintln!("{:.1} MB as it is carried", image.write(&archive)? as f64 / 1e6);
    cluster.import(&archive)?;
    assert_runs(cluster, name)
}

/// Has the API server itself refuse a Pod that may do more.
fn assert_runs(cluster: &'static Cluster, image: &str) -> Result<()> {
    let place = Place::new(cluster, Duration::from_secs(60))?;
    place.restrict()?;
    place.apply(&POD.replace("IMAGE", image))?;
    let ended = "--for=jsonpath={.status.phase}=Succeeded";
    place.kubectl(&["wait", ended, "--timeout=60s", "pod/version"])?;
    let printed = place.kubectl(&["logs", "pod/version"])?;
    assert_eq!(printed.trim(), concat!("klamm ", env!("CARGO_PKG_VERSION")));
    Ok(())
}
