//! What a library cannot do, as docs/clients.md says.

use std::collections::BTreeMap;

const TEXT: &str = include_str!("../../../../../docs/clients.md");

/// The cases among these that a library cannot do, each with the reason.
pub(crate) fn by(library: &str, cases: &[&str]) -> BTreeMap<String, String> {
    let rows = TEXT.lines().filter_map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [client, case, why] = cells[..] else { return None };
        (client == library && cases.contains(&case)).then(|| (case.to_owned(), why.to_owned()))
    });
    rows.collect()
}
