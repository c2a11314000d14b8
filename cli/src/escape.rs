//! Texts of the command line in which `\n` and its like stand for bytes, as kcat reads them.

/// The bytes that a text stands for: `\n`, `\r`, `\t`, `\0`, `\\` and `\xNN`; any other character
/// stands for itself.
pub(crate) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..place]);
        let escaped = &rest[place + 1..];
        let mut characters = escaped.chars();
        match characters.next() {
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            Some('0') => bytes.push(0),
            Some('\\') => bytes.push(b'\\'),
            Some('x') => {
                let digits = escaped.get(1..3);
                let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                bytes.push(byte.ok_or("\\x needs two hexadecimal digits, as in \\x1f")?);
                characters = escaped[3..].chars();
            }
            Some(other) => {
                return Err(format!(
                    "\\{other} means nothing: write \\n, \\r, \\t, \\0, \\\\ or \\xNN"
                ));
            }
            None => return Err("the \\ at the end means nothing: write \\\\".to_owned()),
        }
        rest = characters.as_str();
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// As [`unescape`], and there must be something.
pub(crate) fn separator(text: &str) -> Result<Separator, String> {
    let bytes = unescape(text)?;
    if bytes.is_empty() { Err("it must not be empty".to_owned()) } else { Ok(Separator(bytes)) }
}

/// Bytes that stand between others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Separator(pub(crate) Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_bytes() {
        assert_eq!(unescape(r"a\tb\n\x1f\\ü\0").unwrap(), "a\tb\n\x1f\\ü\0".as_bytes());
        assert_eq!(unescape(r"\xff").unwrap(), [0xff]);
    }

    #[test]
    fn what_stands_for_nothing_is_refused() {
        for text in [r"\q", r"\x1", r"\xgg", r"\", r"\xé"] {
            assert!(unescape(text).is_err(), "{text}");
        }
        assert!(separator("").is_err());
    }
}
