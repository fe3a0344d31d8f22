//! How the text of a program travels: without what only readers need, small, and on one line.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Where each text lies that a program is put together of, and how long it is: such texts are part of the tool and never
/// move, so that this tells them apart without reading them.
type Places = Vec<(usize, usize)>;

/// The same few programs go to every host.
static PACKED: LazyLock<Mutex<HashMap<Places, Arc<str>>>> = LazyLock::new(Mutex::default);

/// The text of a program in base64 of gzip, which every Debian has.
pub(super) fn packed(parts: &[&'static str]) -> Arc<str> {
    packed_by(parts, || stripped(parts))
}

/// The same of a text in which nothing is left out.
pub(super) fn packed_whole(text: &'static str) -> Arc<str> {
    packed_by(&[text], || text.to_owned())
}

fn packed_by(parts: &[&'static str], text: impl FnOnce() -> String) -> Arc<str> {
    let places = parts.iter().map(|part| (part.as_ptr().addr(), part.len())).collect();
    let mut packed = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(packed.entry(places).or_insert_with(|| pack(&text()).into()))
}

/// The line that a program reads where it asked for more of itself.
pub(super) fn more(parts: &[&'static str]) -> String {
    packed(parts).to_string() + "\n"
}

pub(super) fn pack(text: &str) -> String {
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
        const PARTS: [&str; 2] = ["# why\n\n  one\n", "two"];
        let first = packed(&PARTS);
        assert_eq!(unpacked(&first), "one\ntwo\n");
        assert!(Arc::ptr_eq(&first, &packed(&PARTS)));
        assert_eq!(unpacked(&packed(&PARTS[1..])), "two\n");
        assert_eq!(unpacked(&packed_whole("# all\n")), "# all\n");
    }
}
