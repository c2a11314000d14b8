//! Walks over the batches of a segment file by their headers, without reading the records.

use std::{io, sync::Arc};

use protocol::records::BatchHeader;
use runtime::File;

use crate::{error::DiskError, place::FileName};

/// How much is read at once: a header and, among small batches, some of the following ones.
const CHUNK: usize = 1024;

/// A batch and the place where it begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub(crate) position: u32,
    pub(crate) header: BatchHeader,
}

impl Placed {
    /// The position behind the batch.
    pub(crate) fn end(&self) -> u32 {
        self.position + size_of(&self.header)
    }
}

/// The batches from one position, which must be a boundary, to another.
pub(crate) struct Walk {
    file: Arc<dyn File>,
    position: u32,
    end: u32,
    chunk: [u8; CHUNK],
    chunk_position: u32,
    chunk_size: usize,
}

impl Walk {
    pub(crate) fn new(file: Arc<dyn File>, from: u32, end: u32) -> Walk {
        let chunk = [0; CHUNK];
        Walk { file, position: from, end, chunk, chunk_position: from, chunk_size: 0 }
    }

    /// The next batch; none at the end. What is no batch is an error of kind `InvalidData`.
    pub(crate) fn next(&mut self) -> io::Result<Option<Placed>> {
        if self.position >= self.end {
            return Ok(None);
        }
        let bytes = self.header_bytes()?;
        let header = BatchHeader::parse(bytes)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        if header.size() > (self.end - self.position) as usize {
            let text = format!("batch at position {} reaches behind the end", self.position);
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        let placed = Placed { position: self.position, header };
        self.position = placed.end();
        Ok(Some(placed))
    }

    fn header_bytes(&mut self) -> io::Result<&[u8]> {
        let skipped = (self.position - self.chunk_position) as usize;
        if skipped + BatchHeader::SIZE > self.chunk_size {
            let wanted = CHUNK.min((self.end - self.position) as usize);
            self.chunk_size =
                self.file.read_at(&mut self.chunk[..wanted], u64::from(self.position))?;
            self.chunk_position = self.position;
            return Ok(&self.chunk[..self.chunk_size]);
        }
        Ok(&self.chunk[skipped..self.chunk_size])
    }
}

/// The size of a batch that is known to lie in a segment, whose positions are `u32`s.
pub(crate) fn size_of(header: &BatchHeader) -> u32 {
    u32::try_from(header.size()).expect("12 bytes and an i32 fit a u32")
}

impl Walk {
    /// The next batch, errors told with the name of the file.
    pub(crate) fn next_in(&mut self, name: FileName<'_>) -> Result<Option<Placed>, DiskError> {
        self.next().map_err(name.error("read"))
    }
}
