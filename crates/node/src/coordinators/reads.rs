//! What can be read of groups without changing one.

use coordinator::{
    CommittedIn, Glance, GroupError, GroupId,
    answer::{Described, FetchedOffset, Listed},
    request::WantedOffset,
};

use crate::Node;

impl Node {
    /// The offsets of a group for some partitions, in their order.
    ///
    /// # Errors
    /// When this broker does not look after the group, or not yet.
    pub fn fetch_offsets(
        &self,
        group: &GroupId,
        wanted: &[WantedOffset],
        require_stable: bool,
    ) -> Result<Vec<FetchedOffset>, GroupError> {
        let seat = self.seat_of(group)?;
        let mut stage = seat.stage();
        Ok(stage.serving()?.shard.fetch_offsets(group, wanted, require_stable))
    }

    /// All offsets of a group.
    ///
    /// # Errors
    /// When this broker does not look after the group, or not yet.
    pub fn fetch_all_offsets(
        &self,
        group: &GroupId,
        require_stable: bool,
    ) -> Result<Vec<FetchedOffset>, GroupError> {
        let seat = self.seat_of(group)?;
        let mut stage = seat.stage();
        Ok(stage.serving()?.shard.fetch_all_offsets(group, require_stable))
    }

    /// A group with its members.
    ///
    /// # Errors
    /// When this broker does not look after the group, or not yet, or there is none of this id.
    pub fn describe_group(&self, group: &GroupId) -> Result<Described, GroupError> {
        let seat = self.seat_of(group)?;
        let mut stage = seat.stage();
        stage.serving()?.shard.describe(group)
    }

    /// All groups that this broker looks after.
    ///
    /// # Errors
    /// When some of them are still being loaded, as in Kafka.
    pub fn list_groups(&self) -> Result<Vec<Listed>, GroupError> {
        let mut listed = Vec::new();
        for seat in self.coordinators.all_seats() {
            match seat.stage().serving() {
                Ok(serving) => listed.extend(serving.shard.list()),
                Err(GroupError::Loading) => return Err(GroupError::Loading),
                // It was left at this moment.
                Err(_) => {}
            }
        }
        Ok(listed)
    }

    /// Shows all groups that this broker looks after, one shard after the other; each waits as long
    /// as it is shown.
    pub fn show_groups(&self, mut show: impl FnMut(Glance<'_>)) {
        for seat in self.coordinators.all_seats() {
            if let Ok(serving) = seat.stage().serving() {
                serving.shard.glances().for_each(&mut show);
            }
        }
    }

    /// Shows all committed offsets of the groups that this broker looks after, one shard after the
    /// other; each waits as long as it is shown.
    pub fn show_committed(&self, mut show: impl FnMut(CommittedIn<'_>)) {
        for seat in self.coordinators.all_seats() {
            if let Ok(serving) = seat.stage().serving() {
                serving.shard.committed().for_each(&mut show);
            }
        }
    }
}
