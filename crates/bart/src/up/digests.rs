//! The digests of mounted files. A file is read once for as long as it stays as it is.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use engine::mounts::{Plan, PlannedFile};
use sha2::{Digest, Sha256};
use web::files::index::Entry;

/// How much of a file is in memory at a time, in bytes.
const CHUNK: usize = 128 * 1024;

/// Digests by the place of the file, each with what the file looked like.
#[derive(Debug, Default)]
pub(super) struct Digests(HashMap<PathBuf, (PlannedFile, Entry)>);

impl Digests {
    /// The files of a plan by their paths in the guest. Those that cannot be read, or change meanwhile, are left out.
    pub(super) fn of<'plan>(&mut self, plan: &'plan Plan) -> Vec<(&'plan str, Entry)> {
        let files = plan.files();
        let unknown: Vec<&PlannedFile> = files
            .values()
            .filter(|file| self.get(file).is_none())
            .collect();
        for (file, entry) in hash_all(&unknown) {
            self.0.insert(file.source.clone(), (file.clone(), entry));
        }
        files
            .iter()
            .filter_map(|(path, file)| Some((path.as_str(), self.get(file)?)))
            .collect()
    }

    fn get(&self, file: &PlannedFile) -> Option<Entry> {
        let (known, entry) = self.0.get(&file.source)?;
        (known == file).then_some(*entry)
    }
}

/// Hashes on all cores, file by file.
fn hash_all<'a>(files: &[&'a PlannedFile]) -> Vec<(&'a PlannedFile, Entry)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut chunk = vec![0; CHUNK];
        let mut hashed = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Ok(Some(entry)) = hash(file, &mut chunk) {
                hashed.push((*file, entry));
            }
        }
        hashed
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let others: Vec<_> = (1..cores.min(files.len()))
            .map(|_| scope.spawn(work))
            .collect();
        let mut hashed = work();
        for other in others {
            hashed.extend(other.join().expect("hashing does not panic"));
        }
        hashed
    })
}

/// `None` when the file is not as long as it was.
fn hash(file: &PlannedFile, chunk: &mut [u8]) -> io::Result<Option<Entry>> {
    let mut reader = File::open(&file.source)?;
    let mut hasher = Sha256::new();
    let mut length = 0;
    loop {
        let count = match reader.read(chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&chunk[..count]);
        length += count as u64;
    }
    Ok((length == file.size).then(|| Entry {
        digest: hasher.finalize().into(),
        length,
    }))
}
