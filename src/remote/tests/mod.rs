//! The programs themselves, run on this machine by real shells: bootstrap, sudo stage, looking, changing, stopping.
//! Nothing here writes outside its own temporary folder.

mod attacking;
mod attributes;
mod changing;
mod checking;
mod commanding;
mod copying;
mod cutting;
mod deleting;
mod doubting;
mod drilling;
mod examining;
mod facts;
mod failing;
mod functions;
mod hooks;
pub mod local;
mod login;
mod looking;
mod machine;
mod mirrors;
mod packages;
mod probing;
mod serving;
mod silence;
mod standpoint;
mod trying;
mod undoing;
mod uploading;
mod verdicts;
