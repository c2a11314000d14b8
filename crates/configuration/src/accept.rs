//! What may be set here: a key without effect takes only its default, so that nobody relies on what
//! does not work.

use crate::{
    key::{Default, Effect, Key},
    valid::Invalid,
    value::Value,
};

impl Key {
    /// Reads a value that somebody sets.
    ///
    /// # Errors
    /// A sentence that says what is allowed, also when the key has no effect here and the value is
    /// not its default.
    pub fn accept(&self, text: &str) -> Result<Value, Invalid> {
        if self.shape.effect != Effect::None {
            return self.parse(text);
        }
        let value = match self.shape.default {
            Default::Is(default) => {
                let value = self.parse(text)?;
                if self.parse(default).as_ref() != Ok(&value) {
                    return Err(self.without_effect(Some(default)));
                }
                value
            }
            Default::Required | Default::Unset if text.trim().is_empty() => {
                Value::Text(String::new())
            }
            Default::Required | Default::Unset => return Err(self.without_effect(None)),
        };
        Ok(value)
    }

    fn without_effect(&self, default: Option<&str>) -> Invalid {
        let name = self.name;
        Invalid(match default {
            None | Some("") => format!("'{name}' has no effect in Klamm; leave it out"),
            Some(default) => format!(
                "'{name}' has no effect in Klamm, which behaves as with Kafka's default {default}; \
                 leave it out"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::keys;

    #[test]
    fn a_key_without_effect_takes_its_default_however_it_is_written() {
        let accept = |key, value| keys::broker().find(key).unwrap().accept(value);
        accept("background.threads", " 10 ").unwrap();
        accept("sasl.enabled.mechanisms", "GSSAPI").unwrap();
        accept("ssl.keystore.location", "").unwrap();
        let refusal = accept("background.threads", "11").unwrap_err().to_string();
        assert!(refusal.starts_with("'background.threads' has no effect in Klamm"), "{refusal}");
        let refusal = accept("ssl.keystore.location", "/etc/keys").unwrap_err().to_string();
        assert_eq!(refusal, "'ssl.keystore.location' has no effect in Klamm; leave it out");
    }

    #[test]
    fn a_key_with_an_effect_takes_its_values() {
        let accept = |key, value| keys::topic().find(key).unwrap().accept(value);
        assert_eq!(accept("segment.bytes", "2097152").unwrap().number(), 2_097_152);
        let refusal = accept("segment.bytes", "14").unwrap_err().to_string();
        let expected =
            "Invalid value 14 for configuration segment.bytes: Value must be at least 1048576";
        assert_eq!(refusal, expected);
    }
}
