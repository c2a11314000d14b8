//! In each generation, a partition belongs to one client.

use std::collections::BTreeMap;

use node::coordinator::Generation;

use crate::{
    violation::{Checked, must},
    words::Place,
};

#[derive(Debug, Default)]
pub(super) struct Owners {
    /// The clients by their numbers.
    owners: BTreeMap<(Generation, Place), usize>,
}

impl Owners {
    /// A client was told that these are its partitions.
    pub(super) fn assigned(
        &mut self,
        generation: Generation,
        client: usize,
        places: &[Place],
    ) -> Checked {
        for place in places {
            let owner = *self.owners.entry((generation, *place)).or_insert(client);
            must("a partition has one owner in a generation", owner == client, || {
                format!("{place} in generation {generation}: clients {owner} and {client}")
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_changes_its_owner_only_with_the_generation() {
        let place = Place { topic: 0, partition: 0 };
        let mut owners = Owners::default();
        assert_eq!(owners.assigned(Generation(1), 0, &[place]), Ok(()));
        assert_eq!(owners.assigned(Generation(1), 0, &[place]), Ok(()));
        assert_eq!(owners.assigned(Generation(2), 1, &[place]), Ok(()));
        assert!(owners.assigned(Generation(1), 1, &[place]).is_err());
    }
}
