//! The template of a pool's Pods: one container, without rights, on a root file system it cannot
//! write to.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Affinity, Container, ContainerPort, EmptyDirVolumeSource, EnvVar, LocalObjectReference,
    PodSpec, PodTemplateSpec, Probe, ResourceRequirements, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Serialize;
use serde_json::json;

use super::clashes::{check_distinct, check_mounts};
use super::native::{native, natives};
use super::{Blueprint, Unbuildable, literal};
use crate::crd::cluster::{ConfigValue, Pool};
use crate::crd::template::PodTemplate;
use crate::kubernetes::names::{self, ADMIN_PORT, CONTROLLER_PORT};
use crate::world::Template;

/// The user and group brokers run as.
const USER: i64 = 65_532;
/// Where a broker's files lie.
const CONFIG: &str = "/etc/klamm";
/// Where what is known of a Pod's place stands.
const PLACEMENT: &str = "/etc/klamm-placement";
/// The broker's volume, which the workload gives its Pods.
const DATA: &str = "data";
/// Where a broker's volume is mounted.
const VOLUME: &str = "/var/lib/klamm";
/// The folder of a broker's logs; not the volume's own, in which file systems keep things.
pub(crate) const LOG_DIR: &str = "/var/lib/klamm/data";
/// How long a broker may take to stop.
const GRACE_SECONDS: i64 = 120;
/// Counts the changes of this file that brokers in operation have to be restarted for.
const REVISION: &str = "1";
/// Longer descriptions are shown by their digest.
const SHOWN_MAX: usize = 160;

pub(super) fn template(
    blueprint: &Blueprint<'_>,
    pool: &Pool,
    config_map: &str,
) -> Result<PodTemplateSpec, Unbuildable> {
    let extra = pool.template.clone().unwrap_or_default();
    let made_from = serde_json::to_string(&made_from(blueprint, pool));
    let made_from = made_from.expect("a map of texts is plain data");
    let mut labels = plain(&extra.labels);
    labels.extend(blueprint.labels());
    labels.insert(names::POOL.to_owned(), pool.name.clone());
    let mut annotations = plain(&extra.annotations);
    annotations.insert(names::MADE_FROM.to_owned(), made_from);
    let metadata = ObjectMeta {
        labels: Some(labels),
        annotations: Some(annotations),
        ..ObjectMeta::default()
    };
    let spec = spec(blueprint, pool, &extra, config_map)?;
    Ok(PodTemplateSpec { metadata: Some(metadata), spec: Some(spec) })
}

/// The template as a Pod on its own would have it, to ask whether there can be such a Pod: with
/// something in the place of the volume that only a workload gives it.
pub(crate) fn trial(
    blueprint: &Blueprint<'_>,
    pool: &Pool,
) -> Result<PodTemplateSpec, Unbuildable> {
    let mut template = template(blueprint, pool, "trial")?;
    let data = Volume {
        name: DATA.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..Volume::default()
    };
    template.spec.get_or_insert_default().volumes.get_or_insert_default().push(data);
    Ok(template)
}

/// What a Pod is made from beside its broker's properties: everything whose change a user wants to
/// see take effect, by the name it has in the manifest.
pub(crate) fn made_from(blueprint: &Blueprint<'_>, pool: &Pool) -> Template {
    let mut made_from = Template::from([
        ("image".to_owned(), image(blueprint).to_owned()),
        ("revision".to_owned(), REVISION.to_owned()),
    ]);
    if let Some(rack) = &pool.rack {
        made_from.insert("rack.nodeLabel".to_owned(), rack.node_label.clone());
    }
    if let Some(resources) = &pool.resources {
        made_from.extend([("resources".to_owned(), shown(resources))]);
    }
    let extra = serde_json::to_value(pool.template.clone().unwrap_or_default());
    let extra = extra.expect("a template is plain data");
    for (key, value) in extra.as_object().into_iter().flatten() {
        made_from.insert(format!("template.{key}"), shown(value));
    }
    made_from
}

fn shown(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).expect("a manifest is plain data");
    if text.len() <= SHOWN_MAX { text } else { format!("#{}", names::digest(&text)) }
}

fn image<'a>(blueprint: &Blueprint<'a>) -> &'a str {
    blueprint.cluster.spec.image.as_deref().unwrap_or(blueprint.default_image)
}

fn spec(
    blueprint: &Blueprint<'_>,
    pool: &Pool,
    extra: &PodTemplate,
    config_map: &str,
) -> Result<PodSpec, Unbuildable> {
    let mut volumes = vec![literal(json!({
        "name": "config",
        "configMap": { "name": config_map, "defaultMode": 0o444 },
    }))];
    if pool.rack.is_some() {
        let rack = format!("metadata.annotations['{}']", names::RACK);
        volumes.push(literal(json!({
            "name": "placement",
            "downwardAPI": {
                "defaultMode": 0o444,
                "items": [{ "path": "rack", "fieldRef": { "fieldPath": rack, "apiVersion": "v1" } }],
            },
        })));
    }
    let ours = volumes.len() + 1;
    volumes.extend(natives(&extra.volumes, "template.volumes")?);
    let names = volumes.iter().map(|volume: &Volume| volume.name.as_str());
    check_distinct("template.volumes", "name", [DATA].into_iter().chain(names), ours)?;
    let affinity = match &extra.affinity {
        Some(affinity) => native(affinity, "template.affinity")?,
        None => apart(blueprint),
    };
    let spread = match &extra.topology_spread_constraints {
        Some(spread) => natives(spread, "template.topologySpreadConstraints")?,
        None => vec![literal(json!({
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": { "matchLabels": blueprint.selector() },
        }))],
    };
    let secrets = extra.image_pull_secrets.iter();
    let secrets = secrets.map(|name| LocalObjectReference { name: name.clone() });
    Ok(PodSpec {
        containers: vec![container(blueprint, pool, extra, &volumes)?],
        volumes: Some(volumes),
        affinity: Some(affinity),
        topology_spread_constraints: some(spread),
        tolerations: some(natives(&extra.tolerations, "template.tolerations")?),
        node_selector: Some(plain(&extra.node_selector)).filter(|labels| !labels.is_empty()),
        priority_class_name: extra.priority_class_name.clone(),
        image_pull_secrets: some(secrets.collect()),
        service_account_name: Some(blueprint.name().to_owned()),
        automount_service_account_token: Some(false),
        enable_service_links: Some(false),
        termination_grace_period_seconds: Some(
            extra.termination_grace_period_seconds.unwrap_or(GRACE_SECONDS),
        ),
        security_context: Some(literal(json!({
            "runAsNonRoot": true,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": { "type": "RuntimeDefault" },
        }))),
        ..PodSpec::default()
    })
}

fn container(
    blueprint: &Blueprint<'_>,
    pool: &Pool,
    extra: &PodTemplate,
    volumes: &[Volume],
) -> Result<Container, Unbuildable> {
    let mut env = vec![literal(json!({
        "name": "POD_NAME",
        "valueFrom": { "fieldRef": { "fieldPath": "metadata.name", "apiVersion": "v1" } },
    }))];
    env.extend(natives(&extra.env, "template.env")?);
    check_distinct("template.env", "name", env.iter().map(|it: &EnvVar| it.name.as_str()), 1)?;
    let mut mounts = vec![
        literal(json!({ "name": DATA, "mountPath": VOLUME })),
        literal(json!({ "name": "config", "mountPath": CONFIG, "readOnly": true })),
    ];
    // Kubernetes puts the Pod's own name in: each broker finds its own file.
    let config = format!("{CONFIG}/{}", names::file("$(POD_NAME)"));
    let mut args = vec!["broker".to_owned(), "--config".to_owned(), config];
    if pool.rack.is_some() {
        let mount = json!({ "name": "placement", "mountPath": PLACEMENT, "readOnly": true });
        mounts.push(literal(mount));
        args.extend(["--rack-file".to_owned(), format!("{PLACEMENT}/rack")]);
    }
    let ours = mounts.len();
    mounts.extend(natives(&extra.volume_mounts, "template.volumeMounts")?);
    let paths = mounts.iter().map(|mount: &VolumeMount| mount.mount_path.as_str());
    check_distinct("template.volumeMounts", "mountPath", paths, ours)?;
    check_mounts(&mounts, ours, volumes, DATA)?;
    Ok(Container {
        name: "broker".to_owned(),
        image: Some(image(blueprint).to_owned()),
        image_pull_policy: extra.image_pull_policy.map(|policy| policy.as_str().to_owned()),
        args: Some(args),
        env: Some(env),
        ports: Some(ports(blueprint)),
        volume_mounts: Some(mounts),
        resources: pool.resources.as_ref().map(|resources| ResourceRequirements {
            requests: quantities(&resources.requests),
            limits: quantities(&resources.limits),
            claims: None,
        }),
        startup_probe: Some(probe("/livez", 1, 600)),
        readiness_probe: Some(probe("/readyz", 2, 2)),
        liveness_probe: Some(probe("/livez", 10, 6)),
        security_context: Some(literal(json!({
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": { "drop": ["ALL"] },
        }))),
        ..Container::default()
    })
}

fn ports(blueprint: &Blueprint<'_>) -> Vec<ContainerPort> {
    let own = [("controller", CONTROLLER_PORT), ("admin", ADMIN_PORT)];
    let clients = blueprint.cluster.spec.listeners.iter();
    let clients = clients.enumerate().map(|(index, listener)| {
        // A port's name has at most 15 characters, a listener's has more.
        (format!("client-{index}"), listener.port)
    });
    let own = own.into_iter().map(|(name, port)| (name.to_owned(), port));
    let ports = clients.chain(own).map(|(name, container_port)| ContainerPort {
        name: Some(name),
        container_port,
        protocol: Some("TCP".to_owned()),
        ..ContainerPort::default()
    });
    ports.collect()
}

/// What is asked over HTTP says nothing of the quorum: a broker is not killed for what others lack.
fn probe(path: &str, period_seconds: i32, failures: i32) -> Probe {
    literal(json!({
        "httpGet": { "path": path, "port": ADMIN_PORT, "scheme": "HTTP" },
        "periodSeconds": period_seconds,
        "failureThreshold": failures,
        "timeoutSeconds": 5,
    }))
}

/// Brokers of a cluster on different nodes, where there are enough.
fn apart(blueprint: &Blueprint<'_>) -> Affinity {
    literal(json!({
        "podAntiAffinity": {
            "preferredDuringSchedulingIgnoredDuringExecution": [{
                "weight": 100,
                "podAffinityTerm": {
                    "topologyKey": "kubernetes.io/hostname",
                    "labelSelector": { "matchLabels": blueprint.selector() },
                },
            }],
        },
    }))
}

fn plain(values: &BTreeMap<String, ConfigValue>) -> BTreeMap<String, String> {
    values.iter().map(|(key, value)| (key.clone(), value.0.clone())).collect()
}

fn quantities(values: &BTreeMap<String, ConfigValue>) -> Option<BTreeMap<String, Quantity>> {
    let quantities = values.iter().map(|(key, value)| (key.clone(), Quantity(value.0.clone())));
    Some(quantities.collect()).filter(|all: &BTreeMap<_, _>| !all.is_empty())
}

fn some<T>(values: Vec<T>) -> Option<Vec<T>> {
    (!values.is_empty()).then_some(values)
}
