//! Manifests: what is read can be stored in the folder of objects and comes back as it was.

use operator::manifest::{Manifest, Source, parse};

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        include_str!("../../../examples/chat.yaml"),
        "apiVersion: klamm.dev/v1alpha1\nkind: Topic\nmetadata: { name: t }\nspec:\n  cluster: c\n  \
         partitions: 3\n  replicas: 1\n  config: { retention.ms: \"1000\" }\n",
        "apiVersion: klamm.dev/v1alpha1\nkind: Cluster\nmetadata:\n  name: c\nspec:\n  pools:\n  - \
         name: p\n    replicas: 1\n    roles: [broker, controller]\n  config:\n    a.b: \"1\"\n",
        "{\"kind\": \"Topic\", \"metadata\": {\"name\": \"t\"}}",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match parse(&[Source { name: "chat.yaml".to_owned(), text: text.to_owned() }]) {
        Ok(manifests) => manifests.iter().for_each(check_stored),
        Err(problems) => {
            assert!(!problems.0.is_empty(), "what is refused is refused for a reason");
            let lines = text.lines().count() as u64;
            for problem in &problems.0 {
                assert!(
                    problem.line.is_none_or(|line| (1..=lines + 1).contains(&line)),
                    "{problem:?}"
                );
                assert!(!problem.to_string().is_empty());
            }
        }
    }
}

fn check_stored(manifest: &Manifest) {
    let stored = serde_json::to_string(manifest).expect("a manifest can be stored");
    let again: Manifest = serde_json::from_str(&stored).expect("what was stored can be read");
    assert_eq!(again, *manifest);
}
