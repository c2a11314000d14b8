//! What may be changed while brokers run, and for whom.

use crate::{
    key::{Effect, Key, Update},
    keys,
    valid::Invalid,
    value::Value,
};

/// For which brokers a key is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For one, by its id.
    OneBroker,
    /// For all that say nothing else.
    AllBrokers,
}

/// Why a key is not set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The configuration would not be valid.
    #[error(transparent)]
    Config(#[from] Invalid),
    /// The request asks for what cannot be; Kafka calls so what is wrong with a broker's value.
    #[error("{0}")]
    Request(String),
}

/// Checks a key that is set for brokers that run.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn check(scope: Scope, name: &str, text: &str) -> Result<Value, Unfit> {
    let key = keys::broker().get(name)?;
    match (key.shape.update, scope) {
        (Update::ReadOnly, _) => {
            let text = format!("Cannot update these configs dynamically: [{name}]");
            return Err(Unfit::Request(text));
        }
        (Update::PerBroker, Scope::AllBrokers) => {
            let text = format!(
                "Cannot update these configs at default cluster level, broker id must be \
                 specified: [{name}]"
            );
            return Err(Unfit::Request(text));
        }
        (Update::PerBroker, Scope::OneBroker) | (Update::ClusterWide | Update::OnlyDynamic, _) => {}
    }
    // Kafka's word for a value that cannot be; whether it has an effect is our own question.
    key.parse(text).map_err(|invalid| Unfit::Request(invalid.to_string()))?;
    if key.shape.effect == Effect::AtStart {
        return Err(Unfit::Config(read_at_start(key)));
    }
    Ok(key.accept(text)?)
}

fn read_at_start(key: &Key) -> Invalid {
    let name = key.name;
    Invalid(format!(
        "'{name}' is read when a broker starts and cannot be changed while it runs; set it in the \
         broker's file"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(scope: Scope, name: &str, text: &str) -> Unfit {
        check(scope, name, text).unwrap_err()
    }

    #[test]
    fn a_read_only_key_cannot_be_changed() {
        for scope in [Scope::OneBroker, Scope::AllBrokers] {
            let text = "Cannot update these configs dynamically: [num.partitions]";
            assert_eq!(refusal(scope, "num.partitions", "3"), Unfit::Request(text.into()));
        }
    }

    #[test]
    fn a_key_of_one_broker_cannot_be_set_for_all() {
        let expected = "Cannot update these configs at default cluster level, broker id must be \
                        specified: [ssl.protocol]";
        let found = refusal(Scope::AllBrokers, "ssl.protocol", "TLSv1.3");
        assert_eq!(found, Unfit::Request(expected.into()));
        assert!(check(Scope::OneBroker, "ssl.protocol", "TLSv1.3").is_ok());
    }

    #[test]
    fn a_value_out_of_bounds_is_a_bad_request_as_in_kafka() {
        let expected =
            "Invalid value 5 for configuration log.segment.bytes: Value must be at least 1048576";
        let found = refusal(Scope::OneBroker, "log.segment.bytes", "5");
        assert_eq!(found, Unfit::Request(expected.into()));
    }

    #[test]
    fn what_would_have_no_effect_is_refused_with_a_sentence() {
        let at_start = refusal(Scope::AllBrokers, "num.io.threads", "4").to_string();
        assert!(at_start.contains("read when a broker starts"), "{at_start}");
        let none = refusal(Scope::AllBrokers, "background.threads", "4").to_string();
        assert!(none.contains("has no effect in Klamm"), "{none}");
        let unknown = refusal(Scope::AllBrokers, "no.such.key", "4");
        assert_eq!(unknown.to_string(), "Unknown broker config name: no.such.key");
    }
}
