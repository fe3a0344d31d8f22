//! Texts as spreadsheets and shells of all systems write them.

use encoding_rs::{Encoding, UTF_8, UTF_16LE, WINDOWS_1252};

/// The text of a file: by its byte order mark, else UTF-8 where it is that, else as Excel writes it in the West.
pub fn decode(bytes: &[u8]) -> String {
    let encoding = Encoding::for_bom(bytes).map_or_else(|| guess(bytes), |(encoding, _)| encoding);
    encoding.decode_with_bom_removal(bytes).0.into_owned()
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let has_ascii_in_words = bytes.len() > 3 && bytes[1] == 0 && bytes[3] == 0 && bytes[0] != 0;
    if has_ascii_in_words {
        UTF_16LE
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1252
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_is_read() {
        let wide: Vec<u8> = "José".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "José".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            "José".as_bytes().to_vec(),
            [b"\xef\xbb\xbf", "José".as_bytes()].concat(),
            b"Jos\xe9".to_vec(),
            wide.clone(),
            [b"\xff\xfe".as_slice(), &wide].concat(),
            [b"\xfe\xff".as_slice(), &big].concat(),
        ] {
            assert_eq!(decode(&bytes), "José", "{bytes:?}");
        }
    }
}
