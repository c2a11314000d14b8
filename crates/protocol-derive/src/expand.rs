//! The code that is written for a struct.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Ident, Result};

use crate::attributes::{Default, FieldRule, MessageRule, kafka_name};

/// The code for a struct that stands alone.
pub(crate) fn message(input: &DeriveInput) -> Result<TokenStream> {
    let rule = MessageRule::parse(input)?;
    let structure = structure(input)?;
    let (ident, name) = (&input.ident, input.ident.to_string());
    let MessageRule { kind, versions, unstable, .. } = &rule;
    let key = option(rule.key.map(|key| quote!(#key)));
    let flexible = match rule.flexible {
        Some(flexible) => quote!(#flexible),
        None => quote!(::protocol::Versions::NONE),
    };
    Ok(quote! {
        #structure

        #[automatically_derived]
        impl ::protocol::Message for #ident {
            const SCHEMA: ::protocol::schema::Message = ::protocol::schema::Message {
                name: #name,
                kind: ::protocol::schema::Kind::#kind,
                key: #key,
                versions: #versions,
                flexible: #flexible,
                unstable: #unstable,
                body: &<#ident as ::protocol::Struct>::SCHEMA,
            };
        }
    })
}

/// The code for a struct that stands inside another.
pub(crate) fn structure(input: &DeriveInput) -> Result<TokenStream> {
    let fields = fields(input)?;
    let ident = &input.ident;
    let default = default(ident, &fields);
    let schema = schema(ident, &kafka_name(input)?, &fields);
    let value = value(ident, &fields);
    Ok(quote!(#default #schema #value))
}

fn fields(input: &DeriveInput) -> Result<Vec<FieldRule>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(input.ident.span(), "only structs go over the wire"));
    };
    match &data.fields {
        Fields::Named(fields) => fields.named.iter().map(FieldRule::parse).collect(),
        Fields::Unit => Ok(Vec::new()),
        Fields::Unnamed(_) => Err(Error::new(input.ident.span(), "a message has named fields")),
    }
}

fn default(ident: &Ident, fields: &[FieldRule]) -> TokenStream {
    let names = fields.iter().map(|field| &field.ident);
    let values = fields.iter().map(default_value);
    quote! {
        #[automatically_derived]
        impl ::core::default::Default for #ident {
            fn default() -> Self {
                Self { #(#names: #values),* }
            }
        }
    }
}

fn default_value(field: &FieldRule) -> TokenStream {
    let ty = &field.ty;
    match &field.default {
        Default::Null => quote!(::core::option::Option::None),
        Default::Bool(value) | Default::Number(value) => quote!(#value),
        Default::Empty if field.inner.is_some() => {
            quote!(::core::option::Option::Some(::core::default::Default::default()))
        }
        Default::Empty => quote!(<#ty as ::core::default::Default>::default()),
    }
}

fn schema(ident: &Ident, name: &str, fields: &[FieldRule]) -> TokenStream {
    let fields = fields.iter().map(field_schema);
    quote! {
        #[automatically_derived]
        impl ::protocol::Struct for #ident {
            const SCHEMA: ::protocol::schema::Struct =
                ::protocol::schema::Struct { name: #name, fields: &[#(#fields),*] };
        }
    }
}

fn field_schema(field: &FieldRule) -> TokenStream {
    let FieldRule { name, versions, ignorable, .. } = field;
    let ty = value_type(field);
    let nullable = match field.nullable {
        Some(nullable) => quote!(#nullable),
        None => quote!(::protocol::Versions::NONE),
    };
    let tag = option(field.tag.map(|(tag, versions)| quote!((#tag, #versions))));
    let default = match &field.default {
        Default::Empty => quote!(Empty),
        Default::Null => quote!(Null),
        Default::Bool(value) => quote!(Bool(#value)),
        Default::Number(value) => quote!(Number(#value as i64)),
    };
    quote! {
        ::protocol::schema::Field {
            name: #name,
            ty: <#ty as ::protocol::Value>::TYPE,
            versions: #versions,
            nullable: #nullable,
            tag: #tag,
            default: ::protocol::schema::Default::#default,
            ignorable: #ignorable,
        }
    }
}

/// The field's type, without the `Option` around it.
fn value_type(field: &FieldRule) -> &syn::Type {
    field.inner.as_ref().unwrap_or(&field.ty)
}

fn value(ident: &Ident, fields: &[FieldRule]) -> TokenStream {
    let decode = decode(fields);
    let encode = encode(ident, fields);
    let errors = fields.iter().map(errors_of_field);
    quote! {
        #[automatically_derived]
        impl ::protocol::Value for #ident {
            const TYPE: ::protocol::schema::Type =
                ::protocol::schema::Type::Struct(&<#ident as ::protocol::Struct>::SCHEMA);

            fn decode(
                decoder: &mut ::protocol::Decoder,
                format: ::protocol::Format,
            ) -> ::core::result::Result<Self, ::protocol::DecodeError> {
                #decode
            }

            fn encode(
                &self,
                encoder: &mut ::protocol::Encoder,
                format: ::protocol::Format,
            ) -> ::core::result::Result<(), ::protocol::EncodeError> {
                #encode
            }

            fn errors(&self, found: &mut dyn ::core::ops::FnMut(i16)) {
                #(#errors)*
            }
        }

        #[automatically_derived]
        impl ::protocol::Nullable for #ident {
            fn decode_nullable(
                decoder: &mut ::protocol::Decoder,
                format: ::protocol::Format,
            ) -> ::core::result::Result<::core::option::Option<Self>, ::protocol::DecodeError> {
                ::protocol::decode_nullable_struct(decoder, format)
            }

            fn encode_nullable(
                value: ::core::option::Option<&Self>,
                encoder: &mut ::protocol::Encoder,
                format: ::protocol::Format,
            ) -> ::core::result::Result<(), ::protocol::EncodeError> {
                ::protocol::encode_nullable_struct(value, encoder, format)
            }
        }
    }
}

fn decode(fields: &[FieldRule]) -> TokenStream {
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let in_order = fields.iter().map(decode_in_order);
    let tagged: Vec<_> = fields.iter().filter_map(decode_tagged).collect();
    let section = if tagged.is_empty() {
        quote!(decoder.skip_tagged_fields()?;)
    } else {
        quote! {
            decoder.tagged_fields(|tag, decoder| {
                match tag {
                    #(#tagged)*
                    _ => return ::core::result::Result::Ok(false),
                }
                ::core::result::Result::Ok(true)
            })?;
        }
    };
    quote! {
        #(#in_order)*
        if format.flexible {
            #section
        }
        ::core::result::Result::Ok(Self { #(#names),* })
    }
}

/// `let field = …;`, mutable when the tagged section may still set it.
fn decode_in_order(field: &FieldRule) -> TokenStream {
    let (ident, ty) = (&field.ident, &field.ty);
    let default = default_value(field);
    let Some(condition) = in_order(field) else {
        return quote!(let mut #ident: #ty = #default;);
    };
    let decoded = decode_value(field);
    let mutable = field.tag.map(|_| quote!(mut));
    if field.versions.is_all() && field.tag.is_none() {
        return quote!(let #ident: #ty = #decoded;);
    }
    quote!(let #mutable #ident: #ty = if #condition { #decoded } else { #default };)
}

fn decode_tagged(field: &FieldRule) -> Option<TokenStream> {
    let (tag, versions) = field.tag?;
    let ident = &field.ident;
    let decoded = decode_value(field);
    Some(quote!(#tag if #versions.contains(format.version) => #ident = #decoded,))
}

fn decode_value(field: &FieldRule) -> TokenStream {
    let plain = quote!(::protocol::Value::decode(decoder, format)?);
    let nullable = quote!(::protocol::Nullable::decode_nullable(decoder, format)?);
    match field.nullable {
        None => plain,
        Some(versions) if versions.is_all() => nullable,
        Some(versions) => quote! {
            if #versions.contains(format.version) {
                #nullable
            } else {
                ::core::option::Option::Some(#plain)
            }
        },
    }
}

/// When the field stands in its place rather than among the tagged ones; never for most tagged
/// fields.
fn in_order(field: &FieldRule) -> Option<TokenStream> {
    let versions = field.versions;
    match field.tag {
        None => Some(quote!(#versions.contains(format.version))),
        Some((_, tagged)) if tagged == versions => None,
        Some((_, tagged)) => Some(quote! {
            #versions.contains(format.version) && !#tagged.contains(format.version)
        }),
    }
}

fn encode(ident: &Ident, fields: &[FieldRule]) -> TokenStream {
    let in_order = fields.iter().map(|field| encode_in_order(ident, field));
    let mut by_tag: Vec<_> = fields.iter().filter(|field| field.tag.is_some()).collect();
    by_tag.sort_by_key(|field| field.tag.map(|(tag, _)| tag));
    let tagged = by_tag.iter().map(|field| encode_tagged(ident, field));
    let section = if by_tag.is_empty() {
        quote!(encoder.put_no_tagged_fields();)
    } else {
        quote! {
            let mut tagged = ::protocol::TaggedFields::default();
            #(#tagged)*
            encoder.put_tagged_fields(tagged)?;
        }
    };
    quote! {
        #(#in_order)*
        if format.flexible {
            #section
        }
        ::core::result::Result::Ok(())
    }
}

fn encode_in_order(ident: &Ident, field: &FieldRule) -> TokenStream {
    let put = encode_value(ident, field);
    let condition = in_order(field);
    if condition.is_some() && field.versions.is_all() && field.tag.is_none() {
        return put;
    }
    let write = condition.map(|condition| quote!(if #condition { #put }));
    let refuse = refuse_if_unsupported(ident, field);
    quote!(#write #refuse)
}

/// A value that the version cannot carry must not be lost in silence, unless Kafka says it may.
fn refuse_if_unsupported(ident: &Ident, field: &FieldRule) -> Option<TokenStream> {
    if field.ignorable || field.versions.is_all() {
        return None;
    }
    let (name, default) = (&field.ident, default_value(field));
    let (versions, path) = (field.versions, path(ident, field));
    Some(quote! {
        if !#versions.contains(format.version) && self.#name != #default {
            return ::core::result::Result::Err(::protocol::EncodeError::FieldUnsupported {
                field: #path,
                version: format.version,
            });
        }
    })
}

fn encode_tagged(ident: &Ident, field: &&FieldRule) -> TokenStream {
    let Some((tag, versions)) = field.tag else { return TokenStream::new() };
    let (name, default) = (&field.ident, default_value(field));
    let put = encode_value(ident, field);
    quote! {
        if #versions.contains(format.version) && self.#name != #default {
            let encoder = tagged.begin(#tag);
            #put
        }
    }
}

fn encode_value(ident: &Ident, field: &FieldRule) -> TokenStream {
    let name = &field.ident;
    let Some(versions) = field.nullable else {
        return quote!(::protocol::Value::encode(&self.#name, encoder, format)?;);
    };
    let nullable =
        quote!(::protocol::Nullable::encode_nullable(self.#name.as_ref(), encoder, format)?;);
    if versions.is_all() {
        return nullable;
    }
    let path = path(ident, field);
    quote! {
        if #versions.contains(format.version) {
            #nullable
        } else if let ::core::option::Option::Some(value) = &self.#name {
            ::protocol::Value::encode(value, encoder, format)?;
        } else {
            return ::core::result::Result::Err(::protocol::EncodeError::NullUnsupported {
                field: #path,
                version: format.version,
            });
        }
    }
}

/// A field of Kafka's name for errors is one; others may hold some.
fn errors_of_field(field: &FieldRule) -> TokenStream {
    let name = &field.ident;
    match &field.inner {
        None if field.name == "ErrorCode" => quote!(found(self.#name);),
        None => quote!(::protocol::Value::errors(&self.#name, found);),
        Some(_) => quote! {
            if let ::core::option::Option::Some(value) = &self.#name {
                ::protocol::Value::errors(value, found);
            }
        },
    }
}

fn path(ident: &Ident, field: &FieldRule) -> String {
    format!("{ident}.{}", field.name)
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
