//! How the text of a program travels: without what only readers need, small, and on one line.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

/// The same few programs go to every host.
static PACKED: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);

/// The text in base64 of gzip, which every Debian has.
pub(super) fn packed(text: String) -> String {
    let mut packed = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    packed.entry(text).or_insert_with_key(|text| pack(text)).clone()
}

/// The line that a program reads where it asked for more of itself.
pub(super) fn more(programs: &[&str]) -> String {
    packed(stripped(programs)) + "\n"
}

fn pack(text: &str) -> String {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let bytes = packer.write_all(text.as_bytes()).and_then(|()| packer.finish()).unwrap_or_default();
    STANDARD.encode(bytes)
}

/// The text of programs without their comments and indentation, which the host need not read.
pub(super) fn stripped(programs: &[&str]) -> String {
    let lines = programs.iter().flat_map(|program| program.lines()).map(str::trim_start);
    let mut text = String::new();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Read;

    use super::*;

    /// The text of a packed program.
    pub fn unpacked(packed: &str) -> String {
        let bytes = STANDARD.decode(packed).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_program_is_packed_once_for_all_hosts() {
        let text = stripped(&["# why\n\n  one\n", "two"]);
        assert_eq!(text, "one\ntwo\n");
        assert_eq!(unpacked(&packed(text.clone())), text);
        assert_eq!(packed(text.clone()), packed(text));
    }
}
