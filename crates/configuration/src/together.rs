//! What no key can be checked for alone.

use crate::{
    keys,
    layers::{Layers, Texts},
    valid::Invalid,
    value::Value,
};

/// Checks whether the keys that a topic sets agree with each other and with what holds beneath.
///
/// # Errors
/// Kafka's sentence that names the keys that contradict each other.
pub fn check_topic(layers: &Layers, set: &Texts) -> Result<(), Invalid> {
    let number = |name| {
        let key = keys::topic().find(name).expect("the table has this key");
        let own = set.get(name).and_then(|text| key.parse(text).ok());
        let value = own.or_else(|| layers.topic_default(key).map(|(value, _)| value));
        value.as_ref().map(Value::number)
    };
    let (least, most) = (number("min.compaction.lag.ms"), number("max.compaction.lag.ms"));
    match (least, most) {
        (Some(least), Some(most)) if least > most => Err(Invalid(format!(
            "conflict topic config setting min.compaction.lag.ms ({least}) > \
             max.compaction.lag.ms ({most})"
        ))),
        _ => Ok(()),
    }
}

/// Checks whether the defaults that a broker has for topics are values that topics can have, and
/// agree with each other.
///
/// # Errors
/// Kafka's sentence that says what is wrong.
pub fn check_broker(merged: &Texts) -> Result<(), Invalid> {
    for key in keys::topic().iter() {
        for (name, unit) in key.shape.broker {
            let Some(text) = merged.get(*name) else { continue };
            let Ok(number) = text.trim().parse::<i64>() else { continue };
            if number >= 0 && number.checked_mul(unit.factor()).is_none() {
                let why = "the number of milliseconds is too large";
                return Err(Invalid(format!(
                    "Invalid value {text} for configuration {name}: {why}"
                )));
            }
            let is_fit = key.parse(&number.to_string()).is_ok();
            // A topic may have no time at all; Kafka's brokers have no such default.
            if !is_fit || (key.name == "retention.ms" && number == 0) {
                return Err(unfit_default(name, text, key.name));
            }
        }
    }
    let layers = Layers::of_file(std::sync::Arc::new(merged.clone()));
    check_connections(&layers)?;
    check_cleaner(&layers)?;
    check_offsets_topic(&layers)?;
    check_topic(&layers, &Texts::new())
}

/// Nobody could connect any more, not even to change it back.
fn check_connections(layers: &Layers) -> Result<(), Invalid> {
    let is_zero = |name| {
        let key = keys::broker().find(name).expect("the table has this key");
        layers.value(key).is_some_and(|(value, _)| value == Value::Number(0))
    };
    if is_zero("max.connections") {
        return Err(Invalid("Invalid max.connections 0".to_owned()));
    }
    if is_zero("max.connections.per.ip") {
        let text = "max.connections.per.ip can be set to zero only if \
                    max.connections.per.ip.overrides property is set.";
        return Err(Invalid(text.to_owned()));
    }
    Ok(())
}

/// Kafka refuses less memory for one thread.
const DEDUPE_BYTES_MIN: i64 = 1 << 20;

/// The cleaner would not get anywhere.
fn check_cleaner(layers: &Layers) -> Result<(), Invalid> {
    let value = |name| {
        let key = keys::broker().find(name).expect("the table has this key");
        layers.value(key).expect("the cleaner's keys have defaults").0
    };
    let key = "log.cleaner.io.buffer.load.factor";
    let factor = value(key).double();
    if !(0.0 < factor && factor <= 1.0) {
        return Err(Invalid(format!("'{key}' is {factor}, not above 0 and at most 1")));
    }
    let key = "log.cleaner.io.max.bytes.per.second";
    let rate = value(key).double();
    if rate.is_nan() || rate <= 0.0 {
        return Err(Invalid(format!("'{key}' is not above 0")));
    }
    let key = "log.cleaner.dedupe.buffer.size";
    let threads = value("log.cleaner.threads").number().max(1);
    if value(key).number() / threads < DEDUPE_BYTES_MIN {
        let text = format!("'{key}' must be at least 1 MiB for each of 'log.cleaner.threads'");
        return Err(Invalid(text));
    }
    Ok(())
}

/// The topic of committed offsets could not be created, or not be written to. Kafka finds out about
/// its segments when the first consumer comes.
fn check_offsets_topic(layers: &Layers) -> Result<(), Invalid> {
    let number = |name| {
        let key = keys::broker().find(name).expect("the table has this key");
        layers.value(key).expect("the keys of the topic have defaults").0.number()
    };
    let codec = number("offsets.topic.compression.codec");
    if !(0..=4).contains(&codec) {
        return Err(Invalid(format!("Unknown compression type id: {codec}")));
    }
    let name = "offsets.topic.segment.bytes";
    let bytes = number(name).to_string();
    let topic_key = keys::topic().find("segment.bytes").expect("the table has this key");
    if topic_key.parse(&bytes).is_err() {
        return Err(unfit_default(name, &bytes, topic_key.name));
    }
    Ok(())
}

fn unfit_default(name: &str, text: &str, topic_key: &str) -> Invalid {
    Invalid(match name {
        _ if topic_key == "retention.ms" => {
            "requirement failed: log.retention.ms must be unlimited (-1) or, greater than or equal \
             to 1"
                .into()
        }
        "log.roll.ms" => {
            "requirement failed: log.roll.ms must be greater than or equal to 1".into()
        }
        "log.roll.jitter.ms" => {
            "requirement failed: log.roll.jitter.ms must be greater than or equal to 0".into()
        }
        _ => format!(
            "Invalid value {text} for configuration {name}: no topic can have it as {topic_key}"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(set: &[(&str, &str)]) -> Texts {
        set.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn the_least_compaction_lag_is_not_above_the_most() {
        let check = |set| check_topic(&Layers::default(), &texts(set));
        assert_eq!(check(&[("min.compaction.lag.ms", "5")]), Ok(()));
        let lags = [("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")];
        let expected =
            "conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)";
        assert_eq!(check(&lags).unwrap_err().to_string(), expected);
        let lags = [
            ("log.cleaner.min.compaction.lag.ms", "10"),
            ("log.cleaner.max.compaction.lag.ms", "5"),
        ];
        assert_eq!(check_broker(&texts(&lags)).unwrap_err().to_string(), expected);
    }

    #[test]
    fn a_broker_cannot_have_a_default_that_no_topic_can_have() {
        let refusal = |name, text| check_broker(&texts(&[(name, text)])).unwrap_err().to_string();
        let expected = "requirement failed: log.roll.ms must be greater than or equal to 1";
        assert_eq!(refusal("log.roll.ms", "0"), expected);
        assert!(refusal("log.flush.interval.ms", "-5").contains("flush.ms"));
        assert!(refusal("log.retention.minutes", "0").contains("must be unlimited (-1)"));
        assert!(check_broker(&texts(&[("log.retention.hours", "-1")])).is_ok());
        assert!(refusal("log.cleaner.io.buffer.load.factor", "0").contains("not above 0 and at"));
        assert!(refusal("log.cleaner.io.max.bytes.per.second", "-1").contains("not above 0"));
        assert!(refusal("log.cleaner.dedupe.buffer.size", "1000000").contains("1 MiB for each"));
        assert_eq!(refusal("max.connections", "0"), "Invalid max.connections 0");
        assert!(refusal("max.connections.per.ip", "0").contains("only if"));
        assert!(check_broker(&texts(&[("log.retention.bytes", "0")])).is_ok());
    }

    #[test]
    fn the_topic_of_committed_offsets_must_be_one_that_can_be() {
        let refusal = |name, text| check_broker(&texts(&[(name, text)])).unwrap_err().to_string();
        let codec = "offsets.topic.compression.codec";
        assert_eq!(refusal(codec, "5"), "Unknown compression type id: 5");
        assert!(check_broker(&texts(&[(codec, "4")])).is_ok());
        let segments = "offsets.topic.segment.bytes";
        assert!(refusal(segments, "1000").contains("no topic can have it as segment.bytes"));
        assert!(check_broker(&texts(&[(segments, "1048576")])).is_ok());
    }
}
