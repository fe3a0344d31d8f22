//! runner
mod verify;
