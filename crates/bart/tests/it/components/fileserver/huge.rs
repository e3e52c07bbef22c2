//! A file of 1 GiB, in bounded memory: of the instance, and of the process.

use std::io::{Read, Write, stdout};

use crate::exchange;
use crate::process::{Running, bart};
use crate::scratch::Scratch;

use super::MANIFEST;

const GIB: u64 = 1 << 30;

/// What the process may need more than before, in bytes: far less than the file.
const GROWTH: u64 = 64 << 20;

/// The length of the body of a response, which is not kept, and its head.
fn count(mut stream: impl Read) -> (String, u64) {
    let mut buffer = vec![0; 1 << 20];
    let mut start = Vec::new();
    let head = loop {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the head is not whole");
        start.extend_from_slice(&buffer[..count]);
        if let Some(end) = start.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let mut length = (start.len() - head) as u64;
    start.truncate(head);
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => return (String::from_utf8(start).unwrap().to_lowercase(), length),
            count => length += count as u64,
        }
    }
}

#[test]
fn a_file_of_1_gib_is_served_in_16_mib_of_memory() {
    let site = Scratch::site(MANIFEST, &[("static/note.txt", "0123456789")]);
    // It takes no room on the disk.
    site.create("static/huge.bin").set_len(GIB).unwrap();
    let arguments = ["up", "--listen", "127.0.0.1:0", "--memory", "16"];
    let running = Running::start(&mut bart(site.path(), &arguments), 1);
    let small = exchange::send(running.address, "GET", "/note.txt", &[]);
    assert_eq!(small.text(), "0123456789");
    let before = running.peak_memory();

    let get = |headers| {
        count(exchange::begin(
            running.address,
            "GET",
            "/huge.bin",
            headers,
        ))
    };
    let (head, length) = get(&[("Accept-Encoding", "br, gzip")]);
    assert_eq!(length, GIB);
    assert!(
        head.contains(&format!("content-length: {GIB}\r\n")),
        "{head}"
    );
    let tag = head
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap();

    let near_the_end = format!("bytes={}-", GIB - (3 << 20));
    for headers in [
        &[("Range", near_the_end.as_str())][..],
        &[("Range", &near_the_end), ("If-Range", tag)],
    ] {
        let (head, length) = get(headers);
        assert!(head.starts_with("http/1.1 206 "), "{head}");
        assert_eq!(length, 3 << 20);
    }
    let known = exchange::send(
        running.address,
        "GET",
        "/huge.bin",
        &[("If-None-Match", tag)],
    );
    assert_eq!(known.status, 304);
    let head = exchange::send(running.address, "HEAD", "/huge.bin", &[]);
    assert_eq!(
        head.header("content-length"),
        Some(GIB.to_string().as_str())
    );
    assert_eq!(head.header("etag"), Some(tag));

    let (Some(before), Some(after)) = (before, running.peak_memory()) else {
        // Past the capture of the test runner, so that it is seen and counted.
        writeln!(
            stdout(),
            "\nskipped: peak memory with a file of 1 GiB: no `/proc`"
        )
        .unwrap();
        return;
    };
    let growth = after - before;
    assert!(growth < GROWTH, "it grew by {growth} bytes");
}
