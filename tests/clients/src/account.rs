//! What a load was told and what is found, held against each other.

use crate::client::Consumed;
use crate::load::Account;

/// Every record that was acknowledged is there, at the offset that was told, once and in order.
///
/// # Panics
/// Names the first difference.
pub fn assert_kept(found: &[Consumed], account: &Account) {
    for (partition, acknowledged) in (0..).zip(account) {
        let own = found.iter().filter(|consumed| consumed.record.partition == partition);
        let numbers: Vec<_> = own.map(|found| (found.offset, number(found))).collect();
        let wanted: Vec<_> = (0..).zip(0..acknowledged.len()).collect();
        assert_same(partition, &numbers, &wanted);
        let misplaced = (0_i64..).zip(acknowledged).find(|(own, told)| own != *told);
        assert_eq!(misplaced, None, "partition {partition}: acknowledged at another offset");
    }
}

fn number(found: &Consumed) -> usize {
    let value = found.record.value.as_deref().expect("each record has a number");
    let text = std::str::from_utf8(value).expect("a number is text");
    text.parse().expect("a number is one")
}

/// Names the first difference, since the lists are long.
fn assert_same(partition: i32, found: &[(i64, usize)], wanted: &[(i64, usize)]) {
    let difference = found.iter().zip(wanted).position(|(found, wanted)| found != wanted);
    if let Some(at) = difference {
        let near = at.saturating_sub(2)..(at + 3).min(found.len());
        panic!("partition {partition}: (offset, number) at {at} is wrong: {:?}", &found[near]);
    }
    assert_eq!(found.len(), wanted.len(), "partition {partition}: number of records");
}
