//! Who is measured.

/// A program, or what it was in its first round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// The build that was just made.
    Klamm,
    /// Apache Kafka, whose virtual machine has compiled what the cases need.
    Kafka,
    /// The same before it has.
    ColdKafka,
    /// A bare program that only moves the bytes.
    Floor,
    /// The one of two builds of Klamm.
    Old,
    /// The other.
    New,
}

impl Contender {
    /// What a person calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Contender::Klamm => "Klamm",
            Contender::Kafka => "Apache Kafka",
            Contender::ColdKafka => "Apache Kafka, cold",
            Contender::Floor => "the floor",
            Contender::Old => "old",
            Contender::New => "new",
        }
    }
}
