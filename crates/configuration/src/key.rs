//! One key of the configuration: what it is called, what it can be, what it does.

use crate::valid::Valid;

/// A key, as the tables below [`crate::keys`] list them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it can be.
    pub shape: Shape,
    /// What it does, in one sentence.
    pub doc: &'static str,
}

/// What a key can be, and who may change it when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// What kind of value it has.
    pub kind: Kind,
    /// What it is when nobody sets it.
    pub default: Default,
    /// Which values of its kind it can have.
    pub valid: Valid,
    /// How likely it is that somebody has to know it.
    pub importance: Importance,
    /// How it can be changed while the broker runs.
    pub update: Update,
    /// Whether Kafka keeps it to itself: it can be set but is not shown.
    pub internal: bool,
    /// What it does in Klamm.
    pub effect: Effect,
    /// Keys of a broker that stand in for a key of a topic or a group, the strongest first.
    pub broker: &'static [(&'static str, Unit)],
    /// For a key of a broker: all keys for the same thing, itself among them, the strongest first.
    pub family: &'static [&'static str],
}

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A text.
    String,
    /// A number of 32 bits.
    Int,
    /// A number of 16 bits.
    Short,
    /// A number of 64 bits.
    Long,
    /// A number with a fraction.
    Double,
    /// Texts, separated by commas.
    List,
    /// The name of a Java class.
    Class,
    /// A text that is shown to nobody.
    Password,
}

/// What holds when a key is not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// It must be set.
    Required,
    /// It has no value.
    Unset,
    /// It has this value.
    Is(&'static str),
}

/// Kafka's grades of importance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importance {
    /// Look at it.
    High,
    /// Know that it exists.
    Medium,
    /// For special cases.
    Low,
}

/// How a key of a broker can be changed while the broker runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Not at all: it stands in the broker's file.
    ReadOnly,
    /// For one broker.
    PerBroker,
    /// For one broker or for all of them.
    ClusterWide,
    /// For one broker or for all of them, and it cannot stand in the file.
    OnlyDynamic,
}

/// What a key does in Klamm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: only its default is accepted.
    None,
    /// It is read when the broker starts, and cannot be changed while it runs.
    AtStart,
    /// What Kafka's documentation says; a change takes effect when it does so in Kafka.
    Full,
}

/// What one of a broker's key counts in, as seen by the key that it stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// In the same.
    Same,
    /// In minutes, where the other counts milliseconds.
    Minutes,
    /// In hours, where the other counts milliseconds.
    Hours,
}

impl Unit {
    /// How many of the other's units one of these is.
    #[must_use]
    pub fn factor(self) -> i64 {
        match self {
            Unit::Same => 1,
            Unit::Minutes => 60_000,
            Unit::Hours => 3_600_000,
        }
    }
}

impl Kind {
    /// Kafka's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Boolean => "BOOLEAN",
            Kind::String => "STRING",
            Kind::Int => "INT",
            Kind::Short => "SHORT",
            Kind::Long => "LONG",
            Kind::Double => "DOUBLE",
            Kind::List => "LIST",
            Kind::Class => "CLASS",
            Kind::Password => "PASSWORD",
        }
    }
}

impl Key {
    /// Whether its value is shown to nobody.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        self.shape.kind == Kind::Password
    }

    /// Whether it is one of Klamm's own, which Kafka does not know.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.name.starts_with("klamm.")
    }

    /// Its default as text.
    #[must_use]
    pub fn default_text(&self) -> Option<&'static str> {
        match self.shape.default {
            Default::Is(text) => Some(text),
            Default::Required | Default::Unset => None,
        }
    }
}

pub(crate) const fn key(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, doc }
}

pub(crate) const fn boolean(default: &'static str) -> Shape {
    Shape::new(Kind::Boolean, Default::Is(default))
}

pub(crate) const fn string(default: &'static str) -> Shape {
    Shape::new(Kind::String, Default::Is(default))
}

pub(crate) const fn int(default: &'static str) -> Shape {
    Shape::new(Kind::Int, Default::Is(default))
}

pub(crate) const fn short(default: &'static str) -> Shape {
    Shape::new(Kind::Short, Default::Is(default))
}

pub(crate) const fn long(default: &'static str) -> Shape {
    Shape::new(Kind::Long, Default::Is(default))
}

pub(crate) const fn double(default: &'static str) -> Shape {
    Shape::new(Kind::Double, Default::Is(default))
}

pub(crate) const fn list(default: &'static str) -> Shape {
    Shape::new(Kind::List, Default::Is(default))
}

pub(crate) const fn class(default: &'static str) -> Shape {
    Shape::new(Kind::Class, Default::Is(default))
}

pub(crate) const fn unset(kind: Kind) -> Shape {
    Shape::new(kind, Default::Unset)
}

pub(crate) const fn required(kind: Kind) -> Shape {
    Shape::new(kind, Default::Required)
}

/// The words that the tables are written in; what is not said is what most keys are.
impl Shape {
    const fn new(kind: Kind, default: Default) -> Shape {
        Shape {
            kind,
            default,
            valid: Valid::Any,
            importance: Importance::Medium,
            update: Update::ReadOnly,
            internal: false,
            effect: Effect::None,
            broker: &[],
            family: &[],
        }
    }

    pub(crate) const fn at_least(mut self, least: f64) -> Shape {
        self.valid = Valid::Range { least, most: None };
        self
    }

    pub(crate) const fn between(mut self, least: f64, most: f64) -> Shape {
        self.valid = Valid::Range { least, most: Some(most) };
        self
    }

    pub(crate) const fn level(mut self, least: i64, most: i64, other: i64) -> Shape {
        self.valid = Valid::Level { least, most, other };
        self
    }

    pub(crate) const fn one_of(mut self, words: &'static [&'static str]) -> Shape {
        self.valid = Valid::OneOf(words);
        self
    }

    pub(crate) const fn one_of_any_case(mut self, words: &'static [&'static str]) -> Shape {
        self.valid = Valid::OneOfAnyCase(words);
        self
    }

    /// Items that do not repeat, of `words` when there are any.
    pub(crate) const fn items(mut self, words: &'static [&'static str]) -> Shape {
        self.valid = Valid::Items { words, may_be_empty: true };
        self
    }

    pub(crate) const fn some_items(mut self, words: &'static [&'static str]) -> Shape {
        self.valid = Valid::Items { words, may_be_empty: false };
        self
    }

    pub(crate) const fn present(mut self) -> Shape {
        self.valid = Valid::Present;
        self
    }

    pub(crate) const fn non_empty(mut self) -> Shape {
        self.valid = Valid::NonEmpty;
        self
    }

    /// Of a form that no key with an effect has: said, but checked by nobody.
    pub(crate) const fn like(mut self, form: &'static str) -> Shape {
        self.valid = Valid::Form(form);
        self
    }

    pub(crate) const fn high(mut self) -> Shape {
        self.importance = Importance::High;
        self
    }

    pub(crate) const fn low(mut self) -> Shape {
        self.importance = Importance::Low;
        self
    }

    pub(crate) const fn per_broker(mut self) -> Shape {
        self.update = Update::PerBroker;
        self
    }

    pub(crate) const fn cluster_wide(mut self) -> Shape {
        self.update = Update::ClusterWide;
        self
    }

    pub(crate) const fn dynamic_only(mut self) -> Shape {
        self.update = Update::OnlyDynamic;
        self
    }

    pub(crate) const fn internal(mut self) -> Shape {
        self.internal = true;
        self
    }

    pub(crate) const fn works(mut self) -> Shape {
        self.effect = Effect::Full;
        self
    }

    pub(crate) const fn works_at_start(mut self) -> Shape {
        self.effect = Effect::AtStart;
        self
    }

    pub(crate) const fn after(mut self, broker: &'static [(&'static str, Unit)]) -> Shape {
        self.broker = broker;
        self
    }

    pub(crate) const fn among(mut self, family: &'static [&'static str]) -> Shape {
        self.family = family;
        self
    }
}
