//! Which contents get a layer of their own, and which share one, so that one changed file changes one small layer.

use super::content::FileContent;
use crate::digest::Digest;

/// The most layers of an artifact. Stock Spin packs whole mounts above 500, which loses all sharing.
pub(super) const MOST_LAYERS: usize = 400;

/// The size, in bytes, above which a file keeps a layer of its own while there is room.
const LARGE: u64 = 64 << 10;

/// The number of packs of a site of pages. Of 10,000 equal files the fullest of 384 packs holds fewer than 1 in 200.
const PACKS: usize = 384;

/// The most packs of a site with so many large files that they need the room.
const FEWER_PACKS: usize = 256;

/// Contents, arranged in layers.
#[derive(Debug, Default)]
pub(super) struct Packing {
    /// Those with a layer of their own, by path.
    pub(super) own: Vec<FileContent>,
    /// Those that share one; each pack by path, none empty.
    pub(super) packs: Vec<Vec<FileContent>>,
}

/// Arranges `contents`, which are sorted by path, in at most `room` layers; `room` is at least 1.
pub(super) fn arrange(contents: Vec<FileContent>, room: usize) -> Packing {
    if contents.len() <= room {
        return Packing {
            own: contents,
            packs: Vec::new(),
        };
    }
    let large = contents
        .iter()
        .filter(|content| content.measure.size > LARGE)
        .count();
    let count = pack_count(room, large);
    let smallest_own = smallest_own(&contents, room - count);
    let mut packing = Packing::default();
    let mut packs = vec![Vec::new(); count];
    for content in contents {
        if smallest_own
            .as_ref()
            .is_some_and(|smallest| rank(&content) <= *smallest)
        {
            packing.own.push(content);
        } else {
            packs[pack_of(content.path.as_str(), count)].push(content);
        }
    }
    packing.packs = packs.into_iter().filter(|pack| !pack.is_empty()).collect();
    packing
}

/// The number of packs. A change of it changes every pack, so it takes few values and does not depend on the number of small files.
fn pack_count(room: usize, large: usize) -> usize {
    if PACKS + large <= room {
        return PACKS;
    }
    let most = room.min(FEWER_PACKS);
    1 << most.ilog2()
}

/// The pack of a path, the same whatever other files there are.
fn pack_of(path: &str, count: usize) -> usize {
    let digest = Digest::of(path.as_bytes());
    let (head, _) = digest
        .as_bytes()
        .split_first_chunk()
        .expect("a digest has 32 bytes");
    let pack = u64::from_be_bytes(*head) % count as u64;
    usize::try_from(pack).expect("it is less than a usize")
}

/// The largest first: they would weigh most in a pack.
type Rank = (std::cmp::Reverse<u64>, String);

fn rank(content: &FileContent) -> Rank {
    (
        std::cmp::Reverse(content.measure.size),
        content.path.to_string(),
    )
}

/// The last of the large files that have a layer of their own, if any have.
fn smallest_own(contents: &[FileContent], room: usize) -> Option<Rank> {
    let large = contents
        .iter()
        .filter(|content| content.measure.size > LARGE);
    let mut ranks: Vec<Rank> = large.map(rank).collect();
    ranks.sort();
    ranks.truncate(room);
    ranks.pop()
}
