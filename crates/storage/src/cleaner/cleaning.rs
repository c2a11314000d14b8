//! One round of cleaning one log, a piece at a time.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    sync::Arc,
};

use protocol::records::BatchView;
use types::{Offset, ProducerId, Timestamp};

use super::{
    CleanError, Cleanable, CleanerSettings,
    batches::Batches,
    cleaned_segment::{CleanedGroup, CleanedSegment},
    filter::{Filter, LastOfProducer, LeftBatch, UNCOMPRESSED_SIZE_MAX},
    groups::{Source, group},
    offset_map::OffsetMap,
    transactions::Transactions,
};
use crate::{
    aborted::AbortedTransaction,
    config::LogConfig,
    distrust, names,
    place::{FileName, Place},
};

/// What to do next with a [`Cleaning`].
#[derive(Debug)]
pub enum Progress {
    /// Go on.
    Working,
    /// Hand this to [`Log::swap`](crate::Log::swap), then go on.
    Swap(Box<CleanedGroup>),
    /// Everything before this offset is clean: tell [`Log::finish_cleaning`](crate::Log).
    Done(Offset),
}

/// What a round read and wrote.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stats {
    /// Bytes read to find the last offsets of keys.
    pub bytes_indexed: u64,
    /// Bytes read to be copied.
    pub bytes_read: u64,
    /// Bytes that were copied.
    pub bytes_written: u64,
    /// Records that were copied.
    pub records_written: u64,
    /// Records without a key, which were removed.
    pub records_without_key: u64,
    /// How full the map of keys became, as a share of it.
    pub map_utilization: f64,
}

/// What a log hands out for a round.
#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) place: Place,
    pub(crate) config: Arc<LogConfig>,
    pub(crate) range: Cleanable,
    /// All segments before the end of the range.
    pub(crate) sources: Vec<Source>,
    pub(crate) aborted: Vec<AbortedTransaction>,
    pub(crate) producers: Vec<(ProducerId, LastOfProducer)>,
    pub(crate) rewrites: u64,
}

/// A round of cleaning, apart from its log: it may run on any thread.
pub struct Cleaning {
    place: Place,
    config: Arc<LogConfig>,
    settings: CleanerSettings,
    range: Cleanable,
    rewrites: u64,
    sources: Vec<Source>,
    aborted: Vec<AbortedTransaction>,
    filter: Filter,
    stats: Stats,
    phase: Phase,
}

enum Phase {
    /// Noting the keys of the dirty segments; the first of them may be half read.
    Indexing { left: VecDeque<Source>, reading: Option<Batches> },
    /// Copying; the first group may be half copied.
    Copying { left: VecDeque<Vec<Source>>, group: Option<Box<Group>> },
}

/// A group that is being copied.
struct Group {
    left: VecDeque<Source>,
    reading: Batches,
    into: CleanedSegment,
}

impl Cleaning {
    pub(crate) fn new(given: Assignment, settings: CleanerSettings, now: Timestamp) -> Cleaning {
        let Assignment { place, config, range, sources, aborted, producers, rewrites } = given;
        let keys = range.end.since(range.first_dirty).cast_unsigned();
        let dirty = sources.iter().filter(|source| source.end > range.first_dirty);
        let phase = Phase::Indexing { left: dirty.copied().collect(), reading: None };
        let reaching = aborted.iter().filter(|one| one.last_offset >= range.first_dirty);
        let filter = Filter {
            map: OffsetMap::new(settings.map_bytes, settings.load_factor, keys),
            transactions: Transactions::new(reaching.copied().collect()),
            producers: by_producer(producers),
            now,
            delete_retention_ms: config.delete_retention_ms,
        };
        let stats = Stats::default();
        Cleaning {
            place,
            config,
            settings,
            range,
            rewrites,
            sources,
            aborted,
            filter,
            stats,
            phase,
        }
    }

    /// What was done so far.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The part of the log that the round set out to clean.
    #[must_use]
    pub fn range(&self) -> &Cleanable {
        &self.range
    }

    pub(crate) fn rewrites(&self) -> u64 {
        self.rewrites
    }

    /// Works on about so many bytes, but at least one batch.
    ///
    /// # Errors
    /// When the round cannot go on; what it had not finished is removed.
    pub fn work(&mut self, bytes_max: u64) -> Result<Progress, CleanError> {
        let outcome = match &self.phase {
            Phase::Indexing { .. } => self.index(bytes_max),
            Phase::Copying { .. } => self.copy(bytes_max),
        };
        outcome.inspect_err(|error| {
            if matches!(error, CleanError::Sync(_)) {
                distrust::leave_note(self.place.disk(), &self.place.folder);
            }
            self.discard();
        })
    }

    /// Removes what is not finished.
    pub fn discard(&mut self) {
        if let Phase::Copying { group, .. } = &mut self.phase
            && let Some(group) = group.take()
        {
            group.into.discard();
        }
    }

    fn index(&mut self, bytes_max: u64) -> Result<Progress, CleanError> {
        let Phase::Indexing { left, reading } = &mut self.phase else {
            unreachable!("only the first phase notes keys")
        };
        let begin = self.stats.bytes_indexed;
        loop {
            let mut batches = match reading.take() {
                Some(batches) => batches,
                None => match left.pop_front() {
                    Some(source) => Batches::open(&self.place, source, self.settings.buffer_bytes)?,
                    None => break,
                },
            };
            let before = batches.position();
            let is_full = note_keys(
                &self.place,
                &mut batches,
                &mut self.filter,
                self.range.first_dirty,
                bytes_max.saturating_sub(self.stats.bytes_indexed - begin),
            )?;
            self.stats.bytes_indexed += u64::from(batches.position() - before);
            if is_full {
                break;
            }
            if batches.position() < batches.source().size {
                *reading = Some(batches);
                return Ok(Progress::Working);
            }
            // Offsets that no batch has count as seen.
            self.filter.map.advance(batches.source().end.plus(-1));
            if self.stats.bytes_indexed - begin >= bytes_max {
                return Ok(Progress::Working);
            }
        }
        self.begin_copying()
    }

    fn begin_copying(&mut self) -> Result<Progress, CleanError> {
        self.stats.map_utilization = self.filter.map.utilization();
        let end = self.filter.map.latest().next();
        if end <= self.range.first_dirty {
            // Not even one record found room: nothing would be gained.
            return Ok(Progress::Done(self.range.first_dirty));
        }
        let mut sources: Vec<Source> = std::mem::take(&mut self.sources);
        sources.retain(|source| source.base < end);
        for source in &mut sources {
            source.index_bytes = [
                file_size(self.place.of(source.base, names::INDEX))?,
                file_size(self.place.of(source.base, names::TIME_INDEX))?,
            ];
        }
        let groups = group(sources, self.config.segment_bytes, self.config.segment_index_bytes);
        self.filter.transactions = Transactions::new(std::mem::take(&mut self.aborted));
        self.phase = Phase::Copying { left: groups.into(), group: None };
        Ok(Progress::Working)
    }

    fn copy(&mut self, bytes_max: u64) -> Result<Progress, CleanError> {
        let Phase::Copying { left, group } = &mut self.phase else {
            unreachable!("only the second phase copies")
        };
        if group.is_none() {
            let Some(sources) = left.pop_front() else {
                return Ok(Progress::Done(self.filter.map.latest().next()));
            };
            let begun = Group::begin(&self.place, sources, &self.config, &self.settings)?;
            *group = Some(Box::new(begun));
        }
        let current = group.as_mut().expect("there is a group");
        let round = Round {
            place: &self.place,
            end: self.range.end,
            bytes_max,
            chunk_bytes: self.settings.buffer_bytes,
        };
        if !current.copy(&round, &mut self.filter, &mut self.stats)? {
            return Ok(Progress::Working);
        }
        let finished = group.take().expect("there is a group");
        self.stats.bytes_written += u64::from(finished.into.size());
        Ok(Progress::Swap(Box::new(finished.into.finish(self.rewrites)?)))
    }
}

impl std::fmt::Debug for Cleaning {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Cleaning")
            .field("folder", &self.place.folder)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

fn by_producer(
    lasts: Vec<(ProducerId, LastOfProducer)>,
) -> BTreeMap<ProducerId, Vec<LastOfProducer>> {
    let mut by_producer: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (producer, last) in lasts {
        by_producer.entry(producer).or_default().push(last);
    }
    by_producer
}

/// Notes the keys of about so many bytes of batches; true when the map is full.
fn note_keys(
    place: &Place,
    batches: &mut Batches,
    filter: &mut Filter,
    first_dirty: Offset,
    bytes_max: u64,
) -> Result<bool, CleanError> {
    let begin = batches.position();
    while u64::from(batches.position() - begin) < bytes_max {
        let (is_full, last) = match batches.next(place)? {
            None => break,
            Some(batch) => (note_batch(&batch, filter, first_dirty), batch.last_offset()),
        };
        match is_full {
            Err(reason) => return Err(batches.corrupt(&reason)),
            Ok(true) => return Ok(true),
            Ok(false) if last >= first_dirty => filter.map.advance(last),
            Ok(false) => {}
        }
    }
    Ok(false)
}

/// Notes the keys of one batch; true when the map is full.
fn note_batch(
    batch: &BatchView<'_>,
    filter: &mut Filter,
    first_dirty: Offset,
) -> Result<bool, protocol::records::RecordError> {
    if batch.is_control() {
        filter.transactions.end(batch);
        return Ok(false);
    }
    let is_aborted = filter.transactions.is_aborted(batch);
    if is_aborted || batch.last_offset() < first_dirty {
        return Ok(false);
    }
    let payload = batch.payload(UNCOMPRESSED_SIZE_MAX)?;
    for record in payload.records() {
        let record = record?;
        let Some(key) = record.key else { continue };
        if record.offset >= first_dirty && filter.map.put(key, record.offset).is_err() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What holds for every group of a round.
struct Round<'a> {
    place: &'a Place,
    /// The round's end: the last batch before it is kept, so that nobody takes its offsets for lost.
    end: Offset,
    bytes_max: u64,
    chunk_bytes: usize,
}

impl Group {
    fn begin(
        place: &Place,
        sources: Vec<Source>,
        config: &LogConfig,
        settings: &CleanerSettings,
    ) -> Result<Group, CleanError> {
        let mut left: VecDeque<Source> = sources.iter().copied().collect();
        let first = left.pop_front().expect("a group is not empty");
        let reading = Batches::open(place, first, settings.buffer_bytes)?;
        let fresh = Place { ending: names::CLEANED, ..place.clone() };
        let interval = config.index_interval_bytes;
        let into = CleanedSegment::create(&fresh, sources, settings.buffer_bytes, interval)?;
        Ok(Group { left, reading, into })
    }

    /// Copies about so many bytes; true when nothing is left.
    fn copy(
        &mut self,
        round: &Round<'_>,
        filter: &mut Filter,
        stats: &mut Stats,
    ) -> Result<bool, CleanError> {
        let mut done = 0;
        while done < round.bytes_max {
            let before = self.reading.position();
            let nothing_behind = self.left.iter().all(|source| source.size == 0);
            let size = self.reading.source().size;
            let Some(batch) = self.reading.next(round.place)? else {
                match self.left.pop_front() {
                    None => return Ok(true),
                    Some(next) => {
                        self.reading = Batches::open(round.place, next, round.chunk_bytes)?;
                    }
                }
                continue;
            };
            let end = before + u32::try_from(batch.size()).expect("it lies in a segment");
            // The last batch of a group stays: a segment reaches up to the next one.
            let needed = batch.last_offset().next() == round.end || (nothing_behind && end == size);
            let outcome = match filter.apply(&batch, needed) {
                Ok(left) => {
                    stats.records_without_key += left.without_key;
                    push(&mut self.into, &batch, &left.batch, stats)?;
                    match left.aborted {
                        Some(aborted) => self.into.note_aborted(aborted),
                        None => Ok(()),
                    }
                }
                Err(error) => Err(self.reading.corrupt(&error)),
            };
            outcome?;
            done += u64::from(end - before);
            stats.bytes_read += u64::from(end - before);
        }
        Ok(false)
    }
}

fn push(
    into: &mut CleanedSegment,
    batch: &BatchView<'_>,
    left: &LeftBatch,
    stats: &mut Stats,
) -> Result<(), CleanError> {
    match left {
        LeftBatch::Nothing => Ok(()),
        LeftBatch::Whole { records } => {
            stats.records_written += *records as u64;
            into.push(batch)
        }
        LeftBatch::Rewritten { records, batch } => {
            stats.records_written += *records as u64;
            into.push(&BatchView::parse(batch).expect("the batch was just made"))
        }
    }
}

fn file_size(name: FileName<'_>) -> Result<u64, CleanError> {
    let file = match name.disk().open(&name.path()) {
        // It is made when it is first needed.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        opened => opened.map_err(CleanError::disk(name, "open"))?,
    };
    file.size().map_err(CleanError::disk(name, "read"))
}
