//! Brokers come, go and come again.

use super::*;

#[test]
fn a_broker_serves_after_it_has_read_its_own_registration() {
    let mut cluster = Cluster::new();
    let epoch = cluster.register(&registration(1, 1)).unwrap();
    assert_eq!(epoch.0, cluster.last_offset().0);
    let early = cluster.send(&beat(1, epoch, Offset(epoch.0 - 1)));
    assert!(early.fenced && !early.caught_up);
    let answer = cluster.beat(1, epoch);
    assert!(!answer.fenced && answer.caught_up);
    assert!(cluster.image().brokers.is_active(BrokerId(1)));
}

#[test]
fn a_broker_that_restarts_is_taken_in_at_once_and_leads_again() {
    let mut cluster = Cluster::serving([1]);
    cluster.create(topic("chat", counts(2, 1))).unwrap();
    let old = cluster.epoch(1);
    let new = cluster.register(&registration(1, 2)).unwrap();
    assert!(new > old);
    assert_eq!(cluster.epoch(1), new);
    assert_eq!(cluster.lead("chat", 0), (None, vec![1], 1));
    cluster.beat(1, new);
    assert_eq!(cluster.lead("chat", 0), (Some(1), vec![1], 2));
    assert_eq!(cluster.lead("chat", 1), (Some(1), vec![1], 2));
}

#[test]
fn a_broker_that_restarts_leaves_the_isrs_that_have_other_members() {
    let mut cluster = Cluster::serving([1, 2]);
    cluster.create(topic("chat", manual(&[&[1, 2], &[2, 1]]))).unwrap();
    cluster.register(&registration(1, 2)).unwrap();
    assert_eq!(cluster.lead("chat", 0), (Some(2), vec![2], 1));
    assert_eq!(cluster.lead("chat", 1), (Some(2), vec![2], 0));
}

#[test]
fn the_same_process_may_register_again_and_keeps_its_epoch() {
    let mut cluster = Cluster::serving([1]);
    let epoch = cluster.epoch(1);
    assert_eq!(cluster.register(&registration(1, 1)), Ok(epoch));
    assert!(cluster.image().brokers.is_active(BrokerId(1)));
}

#[test]
fn another_folder_cannot_take_the_id_of_a_living_broker() {
    let mut cluster = Cluster::serving([1]);
    let mut other = registration(1, 2);
    other.directories = vec![DirectoryId(Uuid::from_u128(5000))];
    assert_eq!(cluster.register(&other), Err(RegisterError::Duplicate));
    cluster.now = Instant::ZERO.after(SESSION + Duration::from_nanos(1));
    assert!(cluster.register(&other).is_ok());
}

#[test]
fn a_folder_belongs_to_one_broker() {
    let mut cluster = Cluster::serving([1]);
    let copied = Registration { broker: BrokerId(2), ..registration(1, 2) };
    let error = cluster.register(&copied).unwrap_err();
    assert!(matches!(error, RegisterError::ForeignDirectory { owner: BrokerId(1), .. }));
}

#[test]
fn a_broker_that_cannot_work_with_a_finalised_level_is_refused() {
    let mut cluster = Cluster::new();
    let mut old = registration(1, 1);
    old.features.clear();
    let error = cluster.register(&old).unwrap_err();
    let expected = "Unable to register because the broker does not support finalized version 30 \
                    of metadata.version. The broker wants a version between 0 and 0, inclusive.";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_fenced_broker_hands_the_lead_to_the_next_in_sync() {
    let mut cluster = Cluster::serving([1, 2, 3]);
    cluster.create(topic("chat", manual(&[&[1, 2, 3]]))).unwrap();
    cluster.fence(1, &CLEAN);
    assert_eq!(cluster.lead("chat", 0), (Some(2), vec![2, 3], 1));
    cluster.fence(2, &CLEAN);
    cluster.fence(3, &CLEAN);
    assert_eq!(cluster.lead("chat", 0), (None, vec![3], 3));
}

#[test]
fn a_partition_waits_for_its_last_member_unless_the_topic_allows_otherwise() {
    for (settings, expected) in [(CLEAN, (None, vec![1], 1)), (UNCLEAN, (Some(2), vec![2], 1))] {
        let mut cluster = Cluster::serving([1, 2]);
        cluster.create(topic("chat", manual(&[&[1, 2]]))).unwrap();
        let epoch = cluster.register(&registration(2, 2)).unwrap();
        cluster.beat(2, epoch);
        cluster.fence(1, &settings);
        assert_eq!(cluster.lead("chat", 0), expected);
    }
}

#[test]
fn a_broker_whose_folder_was_lost_does_not_lead_what_was_in_it() {
    let mut cluster = Cluster::serving([1]);
    cluster.create(topic("chat", counts(1, 1))).unwrap();
    cluster.fence(1, &CLEAN);
    let mut wiped = registration(1, 2);
    wiped.directories = vec![DirectoryId(Uuid::from_u128(5000))];
    let epoch = cluster.register(&wiped).unwrap();
    cluster.beat(1, epoch);
    assert_eq!(cluster.lead("chat", 0), (None, vec![1], 1));
}

#[test]
fn a_broker_stops_when_it_leads_nothing_and_all_others_know() {
    let mut cluster = Cluster::serving([1, 2]);
    cluster.create(topic("chat", manual(&[&[1, 2]]))).unwrap();
    let (first, second) = (cluster.epoch(1), cluster.epoch(2));
    cluster.send(&beat(2, second, cluster.last_offset()));
    let answer = cluster.stop(1, first);
    assert!(answer.in_controlled_shutdown && !answer.should_shut_down && !answer.fenced);
    assert_eq!(cluster.lead("chat", 0), (Some(2), vec![2], 1));
    assert!(!cluster.stop(1, first).should_shut_down, "broker 2 does not know yet");
    cluster.beat(2, second);
    let answer = cluster.stop(1, first);
    assert!(answer.should_shut_down && answer.fenced);
    assert!(cluster.image().brokers.get(BrokerId(1)).unwrap().fenced);
}

#[test]
fn the_only_broker_may_stop_once_it_has_given_up_its_lead() {
    let mut cluster = Cluster::serving([1]);
    cluster.create(topic("chat", counts(1, 1))).unwrap();
    let epoch = cluster.epoch(1);
    assert!(cluster.stop(1, epoch).in_controlled_shutdown);
    assert!(cluster.stop(1, epoch).should_shut_down);
    assert_eq!(cluster.lead("chat", 0), (None, vec![1], 1));
}

#[test]
fn a_broker_that_leads_nothing_may_stop_at_once() {
    let mut cluster = Cluster::serving([1]);
    let epoch = cluster.epoch(1);
    assert!(cluster.stop(1, epoch).should_shut_down);
}

#[test]
fn an_older_incarnation_is_told_that_it_is_gone() {
    let mut cluster = Cluster::serving([1]);
    let old = cluster.epoch(1);
    let new = cluster.register(&registration(1, 2)).unwrap();
    let error = check_broker_epoch(cluster.image(), BrokerId(1), old).unwrap_err();
    assert_eq!(error, BrokerEpochError::Stale { registered: new, given: old });
}

#[test]
fn sessions_end_after_their_time_the_longest_silent_first() {
    let mut cluster = Cluster::serving([1, 2]);
    let later = Instant::ZERO.after(Duration::from_secs(1));
    cluster.now = later;
    cluster.beat(1, cluster.epoch(1));
    assert_eq!(cluster.sessions.expired(cluster.image(), Instant::ZERO.after(SESSION)), ids(&[]));
    let end = cluster.sessions.deadline(cluster.image()).unwrap();
    assert_eq!(end, Instant::ZERO.after(SESSION + Duration::from_nanos(1)));
    assert_eq!(cluster.sessions.expired(cluster.image(), end), ids(&[2]));
    let both = later.after(SESSION + Duration::from_nanos(1));
    assert_eq!(cluster.sessions.expired(cluster.image(), both), ids(&[2, 1]));
    cluster.fence(2, &CLEAN);
    assert_eq!(cluster.sessions.expired(cluster.image(), both), ids(&[1]));
}
