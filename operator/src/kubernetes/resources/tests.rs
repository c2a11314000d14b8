//! What a cluster consists of, as values.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::PodSpec;
use serde::Serialize;
use serde_json::{Value, json};
use types::BrokerId;

use super::*;
use crate::cluster::{Identity, Properties};
use crate::fakes;

fn cluster(spec: &str) -> Cluster {
    let mut cluster = fakes::cluster(spec);
    cluster.metadata.namespace = Some("shop".to_owned());
    cluster.metadata.uid = Some("uid-1".to_owned());
    cluster
}

fn blueprint(cluster: &Cluster) -> Blueprint<'_> {
    Blueprint { cluster, default_image: "klamm:0" }
}

fn json_of(object: &impl Serialize) -> Value {
    serde_json::to_value(object).unwrap()
}

fn workload(cluster: &Cluster) -> Value {
    let pool = &cluster.spec.pools[0];
    json_of(&stateful_set(&blueprint(cluster), pool, "files").unwrap())
}

fn pod(cluster: &Cluster) -> PodSpec {
    serde_json::from_value(workload(cluster)["spec"]["template"]["spec"].clone()).unwrap()
}

#[test]
fn a_workload_leaves_restarts_to_the_plan_and_takes_ordinals_for_ids() {
    let cluster = cluster("{ pools: [{ name: a, ids: { first: 40 } }] }");
    let workload = workload(&cluster);
    assert_eq!(workload["metadata"]["name"], "chat-a");
    assert_eq!(workload["spec"]["updateStrategy"], json!({ "type": "OnDelete" }));
    assert_eq!(workload["spec"]["podManagementPolicy"], "Parallel");
    assert_eq!(workload["spec"]["ordinals"], json!({ "start": 40 }));
    assert_eq!(workload["spec"]["serviceName"], "chat-brokers");
}

#[test]
fn volumes_stay_unless_somebody_says_that_they_go() {
    let policy =
        |spec| workload(&cluster(spec))["spec"]["persistentVolumeClaimRetentionPolicy"].clone();
    assert_eq!(policy("{}"), json!({ "whenDeleted": "Retain", "whenScaled": "Retain" }));
    let deleting = "{ pools: [{ name: a, storage: { deletionPolicy: Delete } }] }";
    assert_eq!(policy(deleting), json!({ "whenDeleted": "Delete", "whenScaled": "Retain" }));
}

#[test]
fn a_pod_has_no_rights_and_a_root_file_system_it_cannot_write_to() {
    let pod = json_of(&pod(&cluster("{}")));
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    let container = &pod["containers"][0]["securityContext"];
    assert_eq!(container["readOnlyRootFilesystem"], true);
    assert_eq!(container["allowPrivilegeEscalation"], false);
    assert_eq!(container["capabilities"], json!({ "drop": ["ALL"] }));
}

#[test]
fn a_pod_finds_the_file_of_its_own_name() {
    let pod = pod(&cluster("{}"));
    let args = pod.containers[0].args.clone().unwrap();
    assert_eq!(args, ["broker", "--config", "/etc/klamm/$(POD_NAME).properties"]);
    let properties = Properties([("node.id".to_owned(), "0".to_owned())].into());
    let cluster = cluster("{}");
    let brokers = BTreeMap::from([(BrokerId(0), properties.clone())]);
    let files = config_map(&blueprint(&cluster), &cluster.spec.pools[0], &brokers);
    assert_eq!(properties_in(&files, "chat-brokers-0"), Some(properties));
    assert_eq!(properties_in(&files, "chat-brokers-1"), None);
}

#[test]
fn files_of_another_text_have_another_name_and_the_same_text_the_same() {
    let cluster = cluster("{}");
    let name = |value: &str| {
        let properties = Properties([("num.partitions".to_owned(), value.to_owned())].into());
        let brokers = BTreeMap::from([(BrokerId(0), properties)]);
        let files = config_map(&blueprint(&cluster), &cluster.spec.pools[0], &brokers);
        assert_eq!(files.immutable, Some(true));
        files.metadata.name.unwrap()
    };
    assert_eq!(name("1"), name("1"));
    assert_ne!(name("1"), name("2"));
}

#[test]
fn what_a_user_wants_of_pods_is_in_them_beside_what_klamm_needs() {
    let cluster = cluster(
        "{ image: 'mine:1', pools: [{ name: a, resources: { requests: { cpu: '1' } }, template: {
            labels: { team: chat }, annotations: { note: x }, nodeSelector: { disk: fast },
            tolerations: [{ key: k, operator: Exists }], priorityClassName: high,
            imagePullPolicy: Never, imagePullSecrets: [pull], terminationGracePeriodSeconds: 7,
            env: [{ name: RUST_LOG, value: debug }],
            volumes: [{ name: tmp, emptyDir: {} }],
            volumeMounts: [{ name: tmp, mountPath: /tmp }],
            topologySpreadConstraints: [] } }] }",
    );
    let template = workload(&cluster)["spec"]["template"].clone();
    assert_eq!(template["metadata"]["labels"]["team"], "chat");
    assert_eq!(template["metadata"]["labels"]["klamm.dev/cluster"], "chat");
    assert_eq!(template["metadata"]["annotations"]["note"], "x");
    let pod = &template["spec"];
    assert_eq!(pod["nodeSelector"], json!({ "disk": "fast" }));
    assert_eq!(pod["tolerations"], json!([{ "key": "k", "operator": "Exists" }]));
    assert_eq!(pod["priorityClassName"], "high");
    assert_eq!(pod["imagePullSecrets"], json!([{ "name": "pull" }]));
    assert_eq!(pod["terminationGracePeriodSeconds"], 7);
    assert_eq!(pod["topologySpreadConstraints"], Value::Null);
    assert_eq!(pod["volumes"].as_array().unwrap().len(), 2);
    let container = &pod["containers"][0];
    assert_eq!(container["image"], "mine:1");
    assert_eq!(container["imagePullPolicy"], "Never");
    assert_eq!(container["resources"], json!({ "requests": { "cpu": "1" } }));
    assert_eq!(container["env"][1], json!({ "name": "RUST_LOG", "value": "debug" }));
    assert_eq!(container["volumeMounts"].as_array().unwrap().len(), 3);
}

#[test]
fn what_kubernetes_does_not_understand_is_said_with_its_place() {
    let cluster = cluster("{ pools: [{ name: a, template: { tolerations: [{ key: 5 }] } }] }");
    let error = stateful_set(&blueprint(&cluster), &cluster.spec.pools[0], "files").unwrap_err();
    let sentence = error.to_string();
    let start = "template.tolerations[0]: is not what Kubernetes understands";
    assert!(sentence.starts_with(start), "{sentence}");
}

#[test]
fn additions_that_clash_are_said_with_their_place() {
    let said = |template: &str| {
        let cluster = cluster(&format!("{{ pools: [{{ name: a, template: {template} }}] }}"));
        let built = stateful_set(&blueprint(&cluster), &cluster.spec.pools[0], "files");
        built.map(|_| ()).unwrap_err().to_string()
    };
    for (template, sentence) in [
        (
            "{ env: [{ name: A }, { name: A }] }",
            "template.env[1].name: `A` stands there a second time",
        ),
        (
            "{ env: [{ name: POD_NAME, value: x }] }",
            "template.env[0].name: `POD_NAME` is Klamm's own: choose another",
        ),
        ("{ env: [{ value: x }] }", "template.env[0].name: is missing"),
        (
            "{ volumes: [{ name: data, emptyDir: {} }] }",
            "template.volumes[0].name: `data` is Klamm's own: choose another",
        ),
        (
            "{ volumes: [{ name: x, emptyDir: {} }, { name: x, emptyDir: {} }] }",
            "template.volumes[1].name: `x` stands there a second time",
        ),
        (
            "{ volumes: [{ name: x, emptyDir: {} }],
               volumeMounts: [{ name: x, mountPath: /etc/klamm }] }",
            "template.volumeMounts[0].mountPath: `/etc/klamm` is Klamm's own: choose another",
        ),
        (
            "{ volumeMounts: [{ name: x, mountPath: /tmp }] }",
            "template.volumeMounts[0].name: there is no volume `x`: template.volumes does not name it",
        ),
    ] {
        assert_eq!(said(template), sentence);
    }
}

#[test]
fn a_change_that_a_restart_has_to_bring_is_seen_under_the_name_in_the_manifest() {
    let made = |spec| {
        let cluster = cluster(spec);
        made_from(&blueprint(&cluster), &cluster.spec.pools[0])
    };
    let plain = made("{}");
    assert_eq!(plain["image"], "klamm:0");
    let image = made("{ image: 'klamm:1' }");
    assert_eq!(image["image"], "klamm:1");
    let tolerant = made("{ pools: [{ name: brokers, template: { tolerations: [{ key: k }] } }] }");
    assert_eq!(tolerant["template.tolerations"], r#"[{"key":"k"}]"#);
}

#[test]
fn the_identity_stands_on_a_volume_that_nobody_owns() {
    let cluster = cluster("{ pools: [{ name: a, storage: { size: 5Gi, class: fast } }] }");
    let identity = Identity::draw(&[], fakes::uuids());
    let claim = json_of(&claim(&blueprint(&cluster), &cluster.spec.pools[0], 0, &identity));
    assert_eq!(claim["metadata"]["name"], "data-chat-a-0");
    assert_eq!(claim["metadata"]["ownerReferences"], Value::Null);
    assert_eq!(claim["spec"]["resources"]["requests"]["storage"], "5Gi");
    assert_eq!(claim["spec"]["storageClassName"], "fast");
    let written = claim["metadata"]["annotations"]["klamm.dev/identity"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Identity>(written).unwrap(), identity);
}

#[test]
fn brokers_have_names_also_while_they_are_not_ready_and_a_door_each_outside() {
    let cluster = cluster(
        "{ listeners: [{ name: plain, port: 9092 },
            { name: out, port: 9094, type: NodePort, insecure: true, annotations: { a: b } }] }",
    );
    let services: Vec<Value> = services(&blueprint(&cluster)).iter().map(json_of).collect();
    let names: Vec<&str> =
        services.iter().filter_map(|it| it["metadata"]["name"].as_str()).collect();
    assert_eq!(names, ["chat-brokers", "chat-bootstrap", "chat-out-0"]);
    assert_eq!(services[0]["spec"]["clusterIP"], "None");
    assert_eq!(services[0]["spec"]["publishNotReadyAddresses"], true);
    assert_eq!(services[1]["spec"]["ports"].as_array().unwrap().len(), 1);
    assert_eq!(services[2]["spec"]["type"], "NodePort");
    assert_eq!(services[2]["metadata"]["annotations"], json!({ "a": "b" }));
    let selector = json!({ "statefulset.kubernetes.io/pod-name": "chat-brokers-0" });
    assert_eq!(services[2]["spec"]["selector"], selector);
}

#[test]
fn only_brokers_reach_the_controllers() {
    let cluster = cluster("{}");
    let policy = json_of(&network_policy(&blueprint(&cluster)));
    let rules = policy["spec"]["ingress"].as_array().unwrap();
    let ports = |rule: &Value| -> Vec<i64> {
        let ports = rule["ports"].as_array().unwrap().iter();
        ports.filter_map(|port| port["port"].as_i64()).collect()
    };
    assert_eq!((rules[0]["from"].clone(), ports(&rules[0])), (Value::Null, vec![9092, 9644]));
    assert_eq!(ports(&rules[1]), [9093]);
    assert!(rules[1]["from"][0]["podSelector"]["matchLabels"].is_object());
}

#[test]
fn what_goes_with_the_cluster_is_owned_by_it_and_carries_no_token() {
    let cluster = cluster("{}");
    let account = account(&blueprint(&cluster));
    assert_eq!(account.automount_service_account_token, Some(false));
    let owner = &account.metadata.owner_references.unwrap()[0];
    assert_eq!((owner.uid.as_str(), owner.controller), ("uid-1", Some(true)));
    let budget = json_of(&budget(&blueprint(&cluster)));
    assert_eq!(budget["spec"]["maxUnavailable"], 1);
}
