//! Numbers in place of topics' names, which each exist once.

use std::{collections::BTreeMap, sync::Arc};

/// Stands for a topic's name as long as an offset uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TopicNumber(u32);

impl TopicNumber {
    /// Below all topics.
    pub(crate) const MIN: TopicNumber = TopicNumber(0);
    /// Above all topics.
    pub(crate) const MAX: TopicNumber = TopicNumber(u32::MAX);
}

/// The names of all topics that have offsets.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: BTreeMap<Arc<str>, TopicNumber>,
    names: Vec<Name>,
    free: Vec<TopicNumber>,
}

/// A name and how many offsets use it.
#[derive(Debug)]
struct Name {
    text: Arc<str>,
    uses: usize,
}

impl Names {
    /// The number of a name that is in use.
    pub(crate) fn number(&self, name: &str) -> Option<TopicNumber> {
        self.numbers.get(name).copied()
    }

    /// The name of a number that is in use.
    pub(crate) fn name(&self, number: TopicNumber) -> &str {
        &self.names[number.0 as usize].text
    }

    /// The number of a name, which must then be [used](Self::used) or dropped.
    pub(crate) fn number_or_new(&mut self, name: &str) -> TopicNumber {
        if let Some(number) = self.number(name) {
            return number;
        }
        let text: Arc<str> = name.into();
        let name = Name { text: Arc::clone(&text), uses: 0 };
        let number = match self.free.pop() {
            Some(number) => {
                self.names[number.0 as usize] = name;
                number
            }
            None => {
                let number = u32::try_from(self.names.len()).expect("memory holds fewer names");
                self.names.push(name);
                TopicNumber(number)
            }
        };
        self.numbers.insert(text, number);
        number
    }

    /// One more offset uses the number.
    pub(crate) fn used(&mut self, number: TopicNumber) {
        self.names[number.0 as usize].uses += 1;
    }

    /// One offset fewer uses the number; with the last one the name is gone.
    pub(crate) fn unused(&mut self, number: TopicNumber) {
        let name = &mut self.names[number.0 as usize];
        name.uses = name.uses.checked_sub(1).expect("a name that is used was counted");
        if name.uses == 0 {
            let text = std::mem::replace(&mut name.text, Arc::from(""));
            self.numbers.remove(&text);
            self.free.push(number);
        }
    }
}
