//! The end of a file of native code: checksums, since wasmtime runs what it maps without one.
//!
//! ```text
//! head │ code │ description │ XXH3 of each piece of the code │ 8 bytes: MARK │ start and end of the code │ XXH3 of all that is no code
//! ```
//!
//! Numbers and checksums are 64 bits, little-endian. The code has checksums of its own because wasmtime reads the head and the description to
//! map a file, and the code, nine tenths of it, is not touched before it runs; one for each piece, so that threads can share the work.
//!
//! They find what disks and cut-off writes do to files, not what somebody does on purpose: who may write the file may do anything (see `trust.rs`).

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use object::read::elf::ElfFile64;
use object::{Object, ObjectSection};
use twox_hash::XxHash3_64;

const MARK: [u8; 8] = *b"bart\0cw5";
/// The mark and three numbers.
const SEAL: usize = 4 * size_of::<u64>();
/// Bytes of a piece of the code; the last one may be shorter. To look through one takes about 20 µs.
const PIECE: usize = 256 << 10;

/// What is wrong with a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It does not end as it should.
    #[error("it is cut off, or not bart's")]
    Torn,
    /// Its checksum is another one.
    #[error("its checksum is wrong")]
    Damaged,
}

/// What a seal says of the code, and how far that has been compared.
#[derive(Debug)]
pub(super) struct Seal {
    pieces: Vec<Piece>,
    /// The first piece that nobody has taken yet.
    next: AtomicUsize,
}

#[derive(Debug)]
struct Piece {
    place: Range<usize>,
    checksum: u64,
    is_whole: OnceLock<bool>,
}

/// Adds the end to what wasmtime wrote.
pub(crate) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let code = code(&bytes).unwrap_or_default();
    let checksums: Vec<u64> = bytes[code.clone()]
        .chunks(PIECE)
        .map(XxHash3_64::oneshot)
        .collect();
    bytes.extend(checksums.into_iter().flat_map(u64::to_le_bytes));
    let around = checksum_around(&bytes, &code);
    bytes.extend_from_slice(&MARK);
    let numbers = [code.start as u64, code.end as u64, around];
    bytes.extend(numbers.into_iter().flat_map(u64::to_le_bytes));
    bytes
}

/// From the first instruction until wasmtime's description of it all, which comes after what traps and memories begin with. Where it is
/// not so, everything counts as description.
fn code(bytes: &[u8]) -> Option<Range<usize>> {
    let file = ElfFile64::<object::LittleEndian>::parse(bytes).ok()?;
    let start = |name| Some(file.section_by_name(name)?.file_range()?.0);
    let begin = usize::try_from(start(".text")?).ok()?;
    let end = usize::try_from(start(".wasmtime.info")?).ok()?;
    (begin < end).then_some(begin..end)
}

/// The checksum of what surrounds `code`, and of where that is.
fn checksum_around(bytes: &[u8], code: &Range<usize>) -> u64 {
    [
        &(code.start as u64).to_le_bytes(),
        &(code.end as u64).to_le_bytes(),
        &bytes[..code.start],
        &bytes[code.end..],
    ]
    .into_iter()
    .fold(0, XxHash3_64::oneshot_with_seed)
}

impl Seal {
    /// Reads the end of a file and compares all that is no code.
    pub(super) fn open(file: &[u8]) -> Result<Seal, Flaw> {
        let (bytes, seal) = file.split_last_chunk::<SEAL>().ok_or(Flaw::Torn)?;
        let (mark, numbers) = seal.split_at(MARK.len());
        if mark != MARK {
            return Err(Flaw::Torn);
        }
        let (numbers, _) = numbers.as_chunks();
        let [start, end, around] = [0, 1, 2].map(|at| u64::from_le_bytes(numbers[at]));
        let place = |number| usize::try_from(number).map_err(|_| Flaw::Damaged);
        let code = place(start)?..place(end)?;
        if bytes.get(code.clone()).is_none() || around != checksum_around(bytes, &code) {
            return Err(Flaw::Damaged);
        }
        let starts = code.clone().step_by(PIECE);
        let checksums = bytes.len().checked_sub(starts.len() * size_of::<u64>());
        let (checksums, _) = bytes[checksums.ok_or(Flaw::Damaged)?..].as_chunks();
        let piece = |(start, checksum): (usize, &[u8; 8])| Piece {
            place: start..code.end.min(start + PIECE),
            checksum: u64::from_le_bytes(*checksum),
            is_whole: OnceLock::new(),
        };
        let pieces = starts.zip(checksums).map(piece).collect();
        Ok(Seal {
            pieces,
            next: AtomicUsize::new(0),
        })
    }

    /// Compares a piece of the code of the same file, if there is one that nobody has taken yet. Says whether there was.
    pub(super) fn check_piece(&self, file: &[u8]) -> bool {
        let piece = self.pieces.get(self.next.fetch_add(1, Ordering::Relaxed));
        if let Some(piece) = piece {
            piece.is_whole(file);
        }
        piece.is_some()
    }

    /// Compares all code of the same file that nobody has compared yet, and waits for who is at it.
    pub(super) fn check(&self, file: &[u8]) -> Result<(), Flaw> {
        while self.check_piece(file) {}
        let is_whole = self.pieces.iter().all(|piece| piece.is_whole(file));
        is_whole.then_some(()).ok_or(Flaw::Damaged)
    }
}

impl Piece {
    fn is_whole(&self, file: &[u8]) -> bool {
        let is_whole = || XxHash3_64::oneshot(&file[self.place.clone()]) == self.checksum;
        *self.is_whole.get_or_init(is_whole)
    }
}
