//! Two recordings side by side.

use crate::talk::Answer;
use regex::Regex;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// A field that one broker fills otherwise than the other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) api: String,
    pub(crate) case: &'static str,
    pub(crate) version: i16,
    pub(crate) step: usize,
    pub(crate) path: String,
    pub(crate) kafkas: String,
    pub(crate) ours: String,
}

impl Difference {
    /// What was asked.
    pub(crate) fn request(&self) -> (&str, &str, i16, usize) {
        (&self.api, self.case, self.version, self.step)
    }

    /// The path without the places in arrays; the names of their elements stay.
    pub(crate) fn field(&self) -> String {
        static PLACE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[\d+\]").unwrap());
        PLACE.replace_all(&self.path, "").into_owned()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { api, case, version, step, path, kafkas, ours } = self;
        write!(
            formatter,
            "{api} v{version}, {case}, request {step}: {path}: Kafka {kafkas}, Klamm {ours}"
        )
    }
}

/// The fields in which two recordings of the same cases differ.
pub(crate) fn differences(kafkas: &[Answer], ours: &[Answer]) -> Vec<Difference> {
    let asked = |answer: &Answer| (answer.api.code(), answer.case, answer.version, answer.step);
    let all: BTreeMap<_, _> = ours.iter().map(|answer| (asked(answer), answer)).collect();
    let mut found = Vec::new();
    for answer in kafkas {
        match all.get(&asked(answer)) {
            Some(own) => found.extend(between(answer, own)),
            None => found.push(difference(answer, "answer", "given", "none")),
        }
    }
    let known: Vec<_> = kafkas.iter().map(asked).collect();
    let more = ours.iter().filter(|answer| !known.contains(&asked(answer)));
    found.extend(more.map(|answer| difference(answer, "answer", "none", "given")));
    found
}

fn between(kafkas: &Answer, ours: &Answer) -> Vec<Difference> {
    let mut own: BTreeMap<_, _> = ours.fields.iter().map(|(path, value)| (path, value)).collect();
    let mut found = Vec::new();
    for (path, value) in &kafkas.fields {
        match own.remove(path) {
            Some(same) if same == value => {}
            Some(other) => found.push(difference(kafkas, path, value, other)),
            None => found.push(difference(kafkas, path, value, "nothing")),
        }
    }
    found.extend(own.into_iter().map(|(path, value)| difference(ours, path, "nothing", value)));
    found
}

fn difference(answer: &Answer, path: &str, kafkas: &str, ours: &str) -> Difference {
    Difference {
        api: format!("{:?}", answer.api),
        case: answer.case,
        version: answer.version,
        step: answer.step,
        path: path.to_owned(),
        kafkas: kafkas.to_owned(),
        ours: ours.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ApiKey;

    fn answer(fields: &[(&str, &str)]) -> Answer {
        let fields = fields.iter().map(|(path, value)| ((*path).into(), (*value).into())).collect();
        Answer { api: ApiKey::Fetch, case: "a case", version: 4, step: 1, fields }
    }

    #[test]
    fn equal_answers_do_not_differ() {
        let one = [answer(&[("ErrorCode", "0")])];
        assert_eq!(differences(&one, &[answer(&[("ErrorCode", "0")])]), []);
    }

    #[test]
    fn fields_that_differ_or_that_one_lacks_are_told() {
        let kafkas = [answer(&[("A", "0"), ("B", "1")])];
        let ours = [answer(&[("A", "2"), ("C", "3")])];
        let found = differences(&kafkas, &ours);
        let found: Vec<_> =
            found.iter().map(|one| (&*one.path, &*one.kafkas, &*one.ours)).collect();
        assert_eq!(found, [("A", "0", "2"), ("B", "1", "nothing"), ("C", "nothing", "3")]);
    }

    #[test]
    fn field_is_named_without_places() {
        let found = difference(&answer(&[]), "Topics[0].Partitions[12].ErrorCode", "0", "1");
        assert_eq!(found.field(), "Topics.Partitions.ErrorCode");
        let found = difference(&answer(&[]), "Configs[segment.ms].Value", "0", "1");
        assert_eq!(found.field(), "Configs[segment.ms].Value");
    }
}
