//! Many processes in one store.

use std::io::BufReader;
use std::process::Stdio;

use super::child;
use super::sample::{PLAIN, STRICT, Sample, age, names, store};
use artifact::Store;
use std::time::SystemTime;

#[test]
fn eight_processes_pull_the_same_and_different_releases_at_once() {
    let (volume, store) = store();
    let mut children: Vec<_> = (0..8)
        .map(|number| {
            let part = format!("pull number-{}", number / 2);
            let mut command = child::command(&part, volume.path());
            command.stdin(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut outputs = Vec::new();
    for child in &mut children {
        let mut output = BufReader::new(child.stdout.take().unwrap());
        child::wait_for_start(&mut output);
        outputs.push(output);
    }
    for child in &mut children {
        drop(child.stdin.take());
    }
    for child in children {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
    }
    drop(outputs);
    let report = store.verify(&mut |_| {}).unwrap();
    assert_eq!(report.releases, 5);
    assert!(report.bad_blobs.is_empty() && report.bad_releases.is_empty());
    assert!(names(volume.path(), "tmp").is_empty());
    assert!(names(volume.path(), "leases").is_empty());
    let store = Store::open(volume.path(), PLAIN).unwrap();
    for name in [
        "everybody's",
        "number-0",
        "number-1",
        "number-2",
        "number-3",
    ] {
        let sample = Sample::new(name);
        sample.assert_right(&store.release(&sample.manifest).unwrap());
    }
    age(volume.path());
    let now = SystemTime::now();
    assert_eq!(store.gc(STRICT, now).unwrap().releases.len(), 5);
    assert!(names(volume.path(), "releases").is_empty());
}
