//! What the attributes of a struct and its fields say, parsed and checked.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Error, Expr, Field, Ident, Lit, LitInt, LitStr, RangeLimits, Result, Type,
    meta::ParseNestedMeta, spanned::Spanned,
};

/// A range of versions; `last` is absent when it is open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Versions {
    first: i16,
    last: Option<i16>,
}

impl Versions {
    pub(crate) const ALL: Versions = Versions { first: 0, last: None };

    pub(crate) fn is_all(self) -> bool {
        self == Versions::ALL
    }

    fn parse(meta: &ParseNestedMeta) -> Result<Versions> {
        let range: Expr = meta.value()?.parse()?;
        let Expr::Range(range) = range else {
            return Err(Error::new(range.span(), "expected versions such as 3.. or 3..=7"));
        };
        let bound = |bound: &Option<Box<Expr>>| bound.as_deref().map(version).transpose();
        let (first, last) = (bound(&range.start)?, bound(&range.end)?);
        if last.is_some() && matches!(range.limits, RangeLimits::HalfOpen(_)) {
            return Err(Error::new(range.span(), "write the last version with ..="));
        }
        Ok(Versions { first: first.unwrap_or(0), last })
    }
}

impl ToTokens for Versions {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let first = self.first;
        tokens.extend(match self.last {
            Some(last) => quote!(::protocol::Versions::between(#first, #last)),
            None => quote!(::protocol::Versions::from(#first)),
        });
    }
}

fn version(expression: &Expr) -> Result<i16> {
    if let Expr::Lit(literal) = expression
        && let Lit::Int(number) = &literal.lit
    {
        return number.base10_parse();
    }
    Err(Error::new(expression.span(), "expected a version number"))
}

/// The value a field has when nothing is said about it.
pub(crate) enum Default {
    /// Zero, false or empty.
    Empty,
    Null,
    Bool(Expr),
    Number(Expr),
}

impl Default {
    fn parse(meta: &ParseNestedMeta) -> Result<Default> {
        let value: Expr = meta.value()?.parse()?;
        if let Expr::Path(path) = &value
            && path.path.is_ident("None")
        {
            return Ok(Default::Null);
        }
        if let Expr::Lit(literal) = &value
            && matches!(literal.lit, Lit::Bool(_))
        {
            return Ok(Default::Bool(value));
        }
        if matches!(value, Expr::Lit(_) | Expr::Unary(_) | Expr::Path(_)) {
            return Ok(Default::Number(value));
        }
        Err(Error::new(value.span(), "expected None, a number or a bool"))
    }
}

/// How one field of a message goes over the wire.
pub(crate) struct FieldRule {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// The type inside `Option`, when the field is one.
    pub(crate) inner: Option<Type>,
    pub(crate) name: String,
    pub(crate) versions: Versions,
    pub(crate) nullable: Option<Versions>,
    pub(crate) default: Default,
    pub(crate) tag: Option<(u32, Versions)>,
    pub(crate) ignorable: bool,
}

impl FieldRule {
    pub(crate) fn parse(field: &Field) -> Result<FieldRule> {
        let Some(ident) = field.ident.clone() else {
            return Err(Error::new(field.span(), "a message has named fields"));
        };
        let mut rule = FieldRule {
            name: camel_case(&ident),
            ident,
            ty: field.ty.clone(),
            inner: inner_of_option(&field.ty),
            versions: Versions::ALL,
            nullable: None,
            default: Default::Empty,
            tag: None,
            ignorable: false,
        };
        let mut tagged = None;
        for attribute in attributes(&field.attrs, "field") {
            attribute.parse_nested_meta(|meta| rule.read(&meta, &mut tagged))?;
        }
        rule.tag = rule.tag.map(|(tag, _)| (tag, tagged.unwrap_or(rule.versions)));
        rule.check(field)?;
        Ok(rule)
    }

    fn read(&mut self, meta: &ParseNestedMeta, tagged: &mut Option<Versions>) -> Result<()> {
        match key(meta)?.as_str() {
            "versions" => self.versions = Versions::parse(meta)?,
            "nullable" => self.nullable = Some(Versions::parse(meta)?),
            "default" => self.default = Default::parse(meta)?,
            "tag" => {
                let tag = meta.value()?.parse::<LitInt>()?.base10_parse()?;
                self.tag = Some((tag, Versions::ALL));
            }
            "tagged" => *tagged = Some(Versions::parse(meta)?),
            "ignorable" => self.ignorable = true,
            "name" => self.name = meta.value()?.parse::<LitStr>()?.value(),
            other => return Err(meta.error(format!("unknown key '{other}'"))),
        }
        Ok(())
    }

    fn check(&self, field: &Field) -> Result<()> {
        if self.inner.is_some() != self.nullable.is_some() {
            return Err(Error::new(field.span(), "'nullable' and Option belong together"));
        }
        if matches!(self.default, Default::Null) && self.inner.is_none() {
            return Err(Error::new(field.span(), "only an Option can be None by default"));
        }
        Ok(())
    }
}

/// What a message says about itself as a whole.
pub(crate) struct MessageRule {
    pub(crate) kind: Ident,
    pub(crate) key: Option<i16>,
    pub(crate) versions: Versions,
    pub(crate) flexible: Option<Versions>,
    pub(crate) unstable: bool,
}

impl MessageRule {
    pub(crate) fn parse(input: &syn::DeriveInput) -> Result<MessageRule> {
        let (mut kind, mut versions) = (None, None);
        let (mut key_number, mut flexible, mut unstable) = (None, None, false);
        for attribute in attributes(&input.attrs, "message") {
            attribute.parse_nested_meta(|meta| {
                match key(&meta)?.as_str() {
                    "kind" => kind = Some(meta.value()?.parse::<Ident>()?),
                    "key" => {
                        key_number = Some(meta.value()?.parse::<LitInt>()?.base10_parse()?);
                    }
                    "versions" => versions = Some(Versions::parse(&meta)?),
                    "flexible" => flexible = Some(Versions::parse(&meta)?),
                    "unstable" => unstable = true,
                    other => return Err(meta.error(format!("unknown key '{other}'"))),
                }
                Ok(())
            })?;
        }
        let missing = |what| Error::new(input.ident.span(), format!("#[message] lacks '{what}'"));
        Ok(MessageRule {
            kind: variant(&kind.ok_or_else(|| missing("kind"))?),
            key: key_number,
            versions: versions.ok_or_else(|| missing("versions"))?,
            flexible,
            unstable,
        })
    }
}

/// What Kafka calls the struct: its own name unless `#[named(…)]` says another.
pub(crate) fn kafka_name(input: &syn::DeriveInput) -> Result<String> {
    match attributes(&input.attrs, "named").next() {
        Some(attribute) => Ok(attribute.parse_args::<LitStr>()?.value()),
        None => Ok(input.ident.to_string()),
    }
}

fn attributes<'a>(all: &'a [Attribute], name: &'a str) -> impl Iterator<Item = &'a Attribute> {
    all.iter().filter(move |attribute| attribute.path().is_ident(name))
}

fn key(meta: &ParseNestedMeta) -> Result<String> {
    Ok(meta.path.require_ident()?.to_string())
}

/// `coordinator_key` as the variant `CoordinatorKey`.
fn variant(word: &Ident) -> Ident {
    Ident::new(&camel_case(word), word.span())
}

/// `replica_id` as `ReplicaId`.
fn camel_case(ident: &Ident) -> String {
    let text = ident.to_string();
    let words = text.trim_start_matches("r#").split('_').filter(|word| !word.is_empty());
    words.map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

fn inner_of_option(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Option")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let syn::GenericArgument::Type(inner) = arguments.args.first()? else { return None };
    Some(inner.clone())
}
