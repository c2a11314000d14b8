//! A message as a flat list of fields, read by its schema and not by the types made from it.

use crate::normal;
use protocol::schema::{self, Struct, Type};
use protocol::{DecodeError, Decoder, Format};
use std::fmt::Write as _;

/// A field's path, such as `Topics[0].Partitions[1].ErrorCode`, and its value as text.
pub(crate) type Field = (String, String);

/// Arrays whose order means nothing, and by which Kafka's differs from start to start.
const UNORDERED: &[&str] = &[
    "ApiKeys",
    "Configs",
    "ConfigResources",
    "FinalizedFeatures",
    "Groups",
    "Members",
    "Partitions",
    "PartitionResponses",
    "Responses",
    "Results",
    "SupportedFeatures",
    "Topics",
];

/// Arrays whose elements have a name of their own, and the field that holds it: they are compared by
/// it, so that an element that one broker lacks is all that is told.
const NAMED: &[(&str, &str)] = &[
    ("ApiKeys", "ApiKey"),
    ("Configs", "Name"),
    ("FinalizedFeatures", "Name"),
    ("SupportedFeatures", "Name"),
];

/// The fields of a message of this version, up to the end of the bytes.
pub(crate) fn fields(
    message: &schema::Message,
    version: i16,
    decoder: &mut Decoder,
) -> Result<Vec<Field>, DecodeError> {
    let format = Format { version, flexible: message.flexible.contains(version) };
    let mut fields = Vec::new();
    body(format, decoder, message.body, "", &mut fields)?;
    decoder.finish()?;
    Ok(fields)
}

/// Bytes as digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn body(
    format: Format,
    decoder: &mut Decoder,
    body: &Struct,
    path: &str,
    fields: &mut Vec<Field>,
) -> Result<(), DecodeError> {
    let is_tagged = |field: &schema::Field| {
        field.tag.is_some_and(|(_, versions)| versions.contains(format.version))
    };
    for field in body.fields.iter().filter(|field| !is_tagged(field)) {
        if field.versions.contains(format.version) {
            value(format, decoder, field, path, fields)?;
        }
    }
    if !format.flexible {
        return Ok(());
    }
    decoder.tagged_fields(|tag, decoder| {
        let known = body.fields.iter().filter(|field| is_tagged(field));
        let field = known.into_iter().find(|field| field.tag.is_some_and(|(own, _)| own == tag));
        match field {
            Some(field) => value(format, decoder, field, path, fields)?,
            None => fields.push((format!("{path}tag {tag}"), "unknown".to_owned())),
        }
        Ok(field.is_some())
    })
}

fn value(
    format: Format,
    decoder: &mut Decoder,
    field: &schema::Field,
    path: &str,
    fields: &mut Vec<Field>,
) -> Result<(), DecodeError> {
    let path = format!("{path}{}", field.name);
    if let Type::Struct(own) = field.ty {
        if field.nullable.contains(format.version) && decoder.i8()? < 0 {
            fields.push((path, "null".to_owned()));
            return Ok(());
        }
        return body(format, decoder, own, &format!("{path}."), fields);
    }
    if let Type::Array(element) = field.ty {
        return array(format, decoder, element, field.name, path, fields);
    }
    fields.push((path, scalar(format, decoder, &field.ty)?));
    Ok(())
}

fn array(
    format: Format,
    decoder: &mut Decoder,
    element: &Type,
    name: &str,
    path: String,
    fields: &mut Vec<Field>,
) -> Result<(), DecodeError> {
    let Some(count) = decoder.length(format)? else {
        fields.push((path, "null".to_owned()));
        return Ok(());
    };
    fields.push((format!("{path}.length"), count.to_string()));
    let mut elements = Vec::new();
    for _ in 0..count {
        let mut own = Vec::new();
        if let Type::Struct(of) = element {
            body(format, decoder, of, ".", &mut own)?;
        } else {
            own.push((String::new(), scalar(format, decoder, element)?));
        }
        elements.push(own);
    }
    if UNORDERED.contains(&name) {
        // Without what differs by itself, ids above all.
        elements.sort_by_cached_key(|own| {
            own.iter().cloned().map(normal::field).map(|it| format!("{it:?}")).collect::<String>()
        });
    }
    for (index, own) in elements.into_iter().enumerate() {
        let index = name_of(name, &own).unwrap_or_else(|| index.to_string());
        fields.extend(own.into_iter().map(|(rest, text)| (format!("{path}[{index}]{rest}"), text)));
    }
    Ok(())
}

/// What an element of an array is called, where elements have names.
fn name_of(array: &str, element: &[Field]) -> Option<String> {
    let (_, named_by) = NAMED.iter().find(|(named, _)| *named == array)?;
    let (_, name) = element.iter().find(|(path, _)| path.strip_prefix('.') == Some(named_by))?;
    Some(name.trim_matches('"').to_owned())
}

fn scalar(format: Format, decoder: &mut Decoder, ty: &Type) -> Result<String, DecodeError> {
    Ok(match ty {
        Type::Bool => decoder.bool()?.to_string(),
        Type::Int8 => decoder.i8()?.to_string(),
        Type::Int16 => decoder.i16()?.to_string(),
        Type::Uint16 => decoder.u16()?.to_string(),
        Type::Int32 => decoder.i32()?.to_string(),
        Type::Int64 => decoder.i64()?.to_string(),
        Type::Float64 => decoder.f64()?.to_string(),
        Type::Uuid => decoder.uuid()?.to_string(),
        Type::String => text(format, decoder)?,
        Type::Bytes | Type::Records => match decoder.length(format)? {
            Some(length) => format!("0x{}", hexadecimal(&decoder.take(length)?)),
            None => "null".to_owned(),
        },
        Type::Array(_) | Type::Struct(_) => unreachable!("no array holds arrays"),
    })
}

fn text(format: Format, decoder: &mut Decoder) -> Result<String, DecodeError> {
    let length = match format.flexible {
        true => decoder.length(format)?,
        false => usize::try_from(decoder.i16()?).ok(),
    };
    let Some(length) = length else { return Ok("null".to_owned()) };
    Ok(format!("{:?}", &*decoder.text(length)?))
}
