//! The end of a file of native code: checksums, since wasmtime runs what it maps without one.
//!
//! ```text
//! head │ code │ description │ 8 bytes: MARK │ start and end of the code │ XXH3 of all but the code │ XXH3 of the code
//! ```
//!
//! Numbers and checksums are 64 bits, little-endian. There are two checksums because wasmtime reads the head and the description to map a file,
//! and the code, nine tenths of it, is not touched before it runs.
//!
//! They find what disks and cut-off writes do to files, not what somebody does on purpose: who may write the file may do anything (see `trust.rs`).

use std::ops::Range;

use object::read::elf::ElfFile64;
use object::{Object, ObjectSection};
use twox_hash::XxHash3_64;

const MARK: [u8; 8] = *b"bart\0cw4";
/// The mark and four numbers.
const SEAL: usize = 5 * size_of::<u64>();

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

/// What a seal says of the code, which is still to be compared.
#[derive(Debug)]
pub(super) struct Seal {
    code: Range<usize>,
    checksum: u64,
}

/// Adds the end to what wasmtime wrote.
pub(crate) fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let code = code(&bytes).unwrap_or_default();
    let seal = [
        code.start as u64,
        code.end as u64,
        checksum_around(&bytes, &code),
        XxHash3_64::oneshot(&bytes[code]),
    ];
    bytes.extend_from_slice(&MARK);
    bytes.extend(seal.into_iter().flat_map(u64::to_le_bytes));
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
    /// Reads the end of a file and compares all but the code.
    pub(super) fn open(file: &[u8]) -> Result<Seal, Flaw> {
        let (bytes, seal) = file.split_last_chunk::<SEAL>().ok_or(Flaw::Torn)?;
        let (mark, numbers) = seal.split_at(MARK.len());
        if mark != MARK {
            return Err(Flaw::Torn);
        }
        let (numbers, _) = numbers.as_chunks();
        let [start, end, around, checksum] = [0, 1, 2, 3].map(|at| u64::from_le_bytes(numbers[at]));
        let place = |number| usize::try_from(number).map_err(|_| Flaw::Damaged);
        let code = place(start)?..place(end)?;
        if bytes.get(code.clone()).is_none() || around != checksum_around(bytes, &code) {
            return Err(Flaw::Damaged);
        }
        Ok(Seal { code, checksum })
    }

    /// Compares the code of the same file.
    pub(super) fn check(&self, file: &[u8]) -> Result<(), Flaw> {
        let code = &file[self.code.clone()];
        if XxHash3_64::oneshot(code) == self.checksum {
            Ok(())
        } else {
            Err(Flaw::Damaged)
        }
    }
}
