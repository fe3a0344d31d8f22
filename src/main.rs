//! The `provision` command: parse, run, exit code. Everything else lives in the library.

fn main() -> std::process::ExitCode {
    provision::run()
}
