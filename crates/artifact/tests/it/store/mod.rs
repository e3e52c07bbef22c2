//! The store, one file for each kind of guarantee.

mod blobs;
mod child;
mod crashes;
mod gc;
mod native;
mod processes;
mod refs;
mod releases;
mod sample;
mod shared;
mod verify;
mod volumes;
