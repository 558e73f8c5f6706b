//! What `tests/deploy/chaos` of `fabric-deploy` does in virtual time, once more with the built binary: real processes that
//! are killed, real disks that are full or read-only, records that are damaged. `FABRIC_CHAOS=full` does it at every
//! point; otherwise an evenly spread part of that runs.

mod damage;
mod disks;
mod ended;
mod figures;
#[path = "../../../crates/fabric-deploy/tests/deploy/chaos/files.rs"]
mod files;
mod gate;
mod killed;
mod scene;
#[path = "../../../crates/fabric-deploy/tests/deploy/chaos/world.rs"]
mod world;

fn is_full() -> bool {
    std::env::var("FABRIC_CHAOS").is_ok_and(|form| form == "full")
}
