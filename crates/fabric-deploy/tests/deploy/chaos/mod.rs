//! A deployment as a transaction, disturbed at every call, ended at every point, cut at every byte: in this process and
//! in virtual time.

mod bulk;
mod crashes;
mod data;
mod deployers;
mod faults;
mod files;
mod fresh;
mod git;
mod git_deployment;
mod life;
mod page;
mod product;
mod scenario;
mod secrets;
mod session;
mod wire;
mod world;
