//! Sessions as clients see them.

use super::*;

const NOW: Instant = Instant(1_000_000_000);

fn wanted(partition: i32, offset: i64) -> Wanted {
    Wanted {
        topic: SessionTopic::Id(TopicId::default()),
        partition: PartitionIndex(partition),
        current_epoch: None,
        last_fetched_epoch: None,
        offset: Offset(offset),
        bytes_max: 1000,
    }
}

fn request(id: i32, epoch: i32, wanted: Vec<Wanted>) -> SessionRequest {
    SessionRequest { id, epoch, by_id: true, wanted, forgotten: Vec::new() }
}

fn at(high_watermark: i64) -> Seen {
    let high_watermark = Offset(high_watermark);
    Seen { high_watermark, log_start: Offset(0), has_records: false, is_urgent: false }
}

fn records(high_watermark: i64) -> Seen {
    Seen { has_records: true, ..at(high_watermark) }
}

/// Begins a session of so many partitions, all at high watermark 5.
fn begin(sessions: &mut FetchSessions, now: Instant, partitions: i32) -> i32 {
    let all: Vec<Wanted> = (0..partitions).map(|index| wanted(index, 5)).collect();
    let (mode, to_read) = sessions.begin(now, request(0, 0, all)).unwrap();
    let seen = vec![at(5); to_read.len()];
    let (id, included) = sessions.finish(now, mode, &to_read, &seen, 0x1234_5678_9abc_def0);
    assert!(included.iter().all(|included| *included));
    id
}

fn partitions_of(wanted: &[Wanted]) -> Vec<i32> {
    wanted.iter().map(|one| one.partition.0).collect()
}

#[test]
fn a_session_answers_only_what_has_changed() {
    let mut sessions = FetchSessions::new(10, 100);
    let id = begin(&mut sessions, NOW, 3);
    assert!(id > 0);
    let (mode, to_read) = sessions.begin(NOW, request(id, 1, Vec::new())).unwrap();
    assert_eq!(partitions_of(&to_read), [0, 1, 2]);
    let seen = [at(5), at(6), records(7)];
    let (same, included) = sessions.finish(NOW, mode, &to_read, &seen, 0);
    assert_eq!((same, included), (id, vec![false, true, true]));
}

#[test]
fn partitions_that_had_records_are_read_last_next_time() {
    let mut sessions = FetchSessions::new(10, 100);
    let id = begin(&mut sessions, NOW, 3);
    let (mode, to_read) = sessions.begin(NOW, request(id, 1, Vec::new())).unwrap();
    sessions.finish(NOW, mode, &to_read, &[records(6), at(5), at(5)], 0);
    let (_, to_read) = sessions.begin(NOW, request(id, 2, vec![wanted(0, 6)])).unwrap();
    assert_eq!(partitions_of(&to_read), [1, 2, 0]);
    assert_eq!(to_read[2].offset, Offset(6));
}

#[test]
fn an_error_is_told_every_time_and_its_end_once() {
    let mut sessions = FetchSessions::new(10, 100);
    let id = begin(&mut sessions, NOW, 1);
    let mut seen = [Seen { is_urgent: true, ..at(5) }];
    for (epoch, is_urgent, is_told) in
        [(1, true, true), (2, true, true), (3, false, true), (4, false, false)]
    {
        seen[0].is_urgent = is_urgent;
        let (mode, to_read) = sessions.begin(NOW, request(id, epoch, Vec::new())).unwrap();
        let (_, included) = sessions.finish(NOW, mode, &to_read, &seen, 0);
        assert_eq!(included, [is_told], "in epoch {epoch}");
    }
}

#[test]
fn forgotten_partitions_leave_and_an_empty_session_ends() {
    let mut sessions = FetchSessions::new(10, 100);
    let id = begin(&mut sessions, NOW, 2);
    let mut forget = request(id, 1, vec![wanted(7, 0)]);
    forget.forgotten = vec![wanted(0, 0).key()];
    let (_, to_read) = sessions.begin(NOW, forget).unwrap();
    assert_eq!(partitions_of(&to_read), [1, 7]);
    let mut forget = request(id, 2, Vec::new());
    forget.forgotten = vec![wanted(1, 0).key(), wanted(7, 0).key()];
    assert_eq!(sessions.begin(NOW, forget), Ok((SessionMode::Sessionless, Vec::new())));
    assert!(sessions.is_empty());
    assert_eq!(sessions.partitions(), 0);
}

#[test]
fn requests_that_do_not_fit_are_refused() {
    let mut sessions = FetchSessions::new(10, 100);
    let id = begin(&mut sessions, NOW, 1);
    let mut refused = |request| sessions.begin(NOW, request).unwrap_err();
    assert_eq!(refused(request(id + 1, 1, Vec::new())), SessionError::NotFound);
    assert_eq!(refused(request(id, 2, Vec::new())), SessionError::WrongEpoch);
    let by_name = SessionRequest { by_id: false, ..request(id, 1, Vec::new()) };
    assert_eq!(refused(by_name), SessionError::OtherNaming);
    assert!(sessions.begin(NOW, request(id, 1, Vec::new())).is_ok());
}

#[test]
fn a_full_request_with_an_id_replaces_or_ends_its_session() {
    let mut sessions = FetchSessions::new(10, 100);
    let id = begin(&mut sessions, NOW, 1);
    let (mode, _) = sessions.begin(NOW, request(id, -1, vec![wanted(0, 0)])).unwrap();
    assert_eq!(mode, SessionMode::Sessionless);
    assert!(sessions.is_empty());
    let refused = sessions.begin(NOW, request(id, 1, Vec::new()));
    assert_eq!(refused, Err(SessionError::NotFound));
}

#[test]
fn without_room_a_client_gets_no_session() {
    let mut sessions = FetchSessions::new(2, 100);
    let first = begin(&mut sessions, NOW, 2);
    let second = begin(&mut sessions, NOW, 2);
    assert_ne!(first, second);
    assert_eq!(begin(&mut sessions, NOW, 2), NO_SESSION);
    let later = NOW.after(PROTECTED + Duration::from_secs(1));
    sessions.begin(later, request(second, 1, Vec::new())).unwrap();
    assert_ne!(begin(&mut sessions, later, 2), NO_SESSION);
    assert!(sessions.begin(later, request(second, 2, Vec::new())).is_ok(), "the idle one went");
    assert_eq!(sessions.len(), 2);
}

#[test]
fn a_larger_session_displaces_a_smaller_one_that_is_no_longer_protected() {
    let mut sessions = FetchSessions::new(1, 100);
    let small = begin(&mut sessions, NOW, 1);
    let later = NOW.after(PROTECTED + Duration::from_secs(1));
    sessions.begin(later, request(small, 1, Vec::new())).unwrap();
    assert_eq!(begin(&mut sessions, later, 1), NO_SESSION);
    assert_ne!(begin(&mut sessions, later, 2), NO_SESSION);
    assert_eq!(sessions.partitions(), 2);
}

#[test]
fn partitions_of_all_sessions_together_are_limited() {
    let mut sessions = FetchSessions::new(10, 5);
    let id = begin(&mut sessions, NOW, 3);
    assert_eq!(begin(&mut sessions, NOW, 3), NO_SESSION);
    let grown = request(id, 1, (10..13).map(|index| wanted(index, 0)).collect());
    assert_eq!(sessions.begin(NOW, grown), Err(SessionError::NotFound));
    assert_eq!(sessions.partitions(), 0);
}

#[test]
fn epochs_wrap_to_one() {
    assert_eq!(next_epoch(0), 1);
    assert_eq!(next_epoch(i32::MAX), 1);
}
