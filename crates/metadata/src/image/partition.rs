//! One partition's replicas, and who leads.

use types::{BrokerId, DirectoryId, LeaderEpoch, PartitionEpoch};

/// Who holds a partition, who is in sync, who leads, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// Its replicas, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// The log folder of each replica, in the same order.
    pub directories: Vec<DirectoryId>,
    /// The replicas in sync.
    pub isr: Vec<BrokerId>,
    /// The replicas that a move takes away.
    pub removing: Vec<BrokerId>,
    /// The replicas that a move brings in.
    pub adding: Vec<BrokerId>,
    /// Who leads, if anybody can.
    pub leader: Option<BrokerId>,
    /// Whether the leader was in sync when it was elected.
    pub recovery: LeaderRecovery,
    /// Grows with every election.
    pub leader_epoch: LeaderEpoch,
    /// Grows with every change.
    pub epoch: PartitionEpoch,
    /// Replicas outside the ISR that still hold all that was acknowledged (KIP-966).
    pub eligible: Vec<BrokerId>,
    /// The eligible replicas before the last of them was lost, or the last leader (KIP-966).
    pub last_known_eligible: Vec<BrokerId>,
}

/// How a leader came to lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaderRecovery {
    /// It was in sync, or has recovered since.
    Recovered,
    /// It was elected although it was not in sync, and still recovers.
    Recovering,
}

impl LeaderRecovery {
    /// Kafka's number.
    #[must_use]
    pub fn number(self) -> i8 {
        match self {
            LeaderRecovery::Recovered => 0,
            LeaderRecovery::Recovering => 1,
        }
    }

    /// The state with Kafka's number.
    #[must_use]
    pub fn from_number(number: i8) -> Option<LeaderRecovery> {
        match number {
            0 => Some(LeaderRecovery::Recovered),
            1 => Some(LeaderRecovery::Recovering),
            _ => None,
        }
    }
}

impl Partition {
    /// A partition that has just been created: the first replica in sync leads.
    #[must_use]
    pub fn new(
        replicas: Vec<BrokerId>,
        directories: Vec<DirectoryId>,
        isr: Vec<BrokerId>,
    ) -> Partition {
        Partition {
            leader: isr.first().copied(),
            replicas,
            directories,
            isr,
            removing: Vec::new(),
            adding: Vec::new(),
            recovery: LeaderRecovery::Recovered,
            leader_epoch: LeaderEpoch(0),
            epoch: PartitionEpoch(0),
            eligible: Vec::new(),
            last_known_eligible: Vec::new(),
        }
    }

    /// The log folder that the broker keeps this partition in, if it holds a replica.
    #[must_use]
    pub fn directory(&self, broker: BrokerId) -> Option<DirectoryId> {
        let position = self.replicas.iter().position(|&replica| replica == broker)?;
        self.directories.get(position).copied()
    }

    /// What every partition must satisfy: a sentence about the first rule that this one breaks.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let is_replica = |broker: &BrokerId| self.replicas.contains(broker);
        let broken = if self.replicas.is_empty() {
            "it has no replica"
        } else if self.directories.len() != self.replicas.len() {
            "it has not one directory for each replica"
        } else if !self.isr.iter().all(is_replica) {
            "its ISR holds a broker that is no replica"
        } else if self.leader.is_some_and(|leader| !self.isr.contains(&leader)) {
            "its leader is not in the ISR"
        } else {
            return Ok(());
        };
        Err(broken)
    }
}
