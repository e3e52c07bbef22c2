//! Packs: gzip-compressed tars of contents, made while they are read, the same bytes each time.

use std::io::{self, Cursor, Read};
use std::vec;

use flate2::{Compression, GzBuilder};

use super::content::FileContent;

/// The size of a block of a tar (POSIX, `pax`, "ustar Interchange Format").
const BLOCK: usize = 512;

/// How hard to compress. Every push compresses every pack to know its digest, and 6 takes a sixth longer for a fiftieth less of text.
const LEVEL: u32 = 3;

/// The bytes of the pack of these contents.
pub(super) fn reader(contents: Vec<FileContent>) -> impl Read + Send {
    let tar = Tar {
        contents: contents.into_iter(),
        part: Box::new(io::empty()),
        ended: false,
    };
    // Without a name, a time or an operating system (RFC 1952, section 2.3).
    GzBuilder::new().read(tar, Compression::new(LEVEL))
}

/// A tar of regular files. A reader takes each by its own digest, so their names say just that: they are unique, short and plain.
struct Tar {
    contents: vec::IntoIter<FileContent>,
    part: Box<dyn Read + Send>,
    ended: bool,
}

impl Read for Tar {
    /// Fills the buffer, so that what the compressor sees never depends on how files are read.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            let count = self.part.read(&mut buffer[filled..])?;
            filled += count;
            if count == 0 && !self.next_part()? {
                break;
            }
        }
        Ok(filled)
    }
}

impl Tar {
    /// Goes on to the next member or to the two empty blocks at the end; false when there is nothing more.
    fn next_part(&mut self) -> io::Result<bool> {
        self.part = match self.contents.next() {
            Some(content) => Box::new(member(&content)?),
            None if self.ended => return Ok(false),
            None => {
                self.ended = true;
                Box::new(Cursor::new([0; 2 * BLOCK]))
            }
        };
        Ok(true)
    }
}

fn member(content: &FileContent) -> io::Result<impl Read + Send + use<>> {
    let size = content.size();
    let mut header = tar::Header::new_ustar();
    header.set_path(content.digest().hex())?;
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_size(size);
    header.set_cksum();
    let padding = size.next_multiple_of(BLOCK as u64) - size;
    Ok(Cursor::new(*header.as_bytes())
        .chain(content.open()?)
        .chain(io::repeat(0).take(padding)))
}
