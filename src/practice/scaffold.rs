//! An example to begin with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What stands for the practice's name in the example.
const NAME: &str = "NAME";

const FILES: [(&str, &str); 3] = [
    ("practice.yaml", include_str!("../../templates/practice/practice.yaml")),
    ("index.html.tera", include_str!("../../templates/practice/index.html.tera")),
    ("NAME.service.tera", include_str!("../../templates/practice/NAME.service.tera")),
];

/// Makes the folder of a practice with an example in it; never where something stands already.
pub fn scaffold(practices: &Path, name: &str) -> io::Result<Vec<PathBuf>> {
    let folder = practices.join(name);
    fs::create_dir_all(practices)?;
    fs::create_dir(&folder)?;
    let write = |(file, text): (&str, &str)| {
        let path = folder.join(file.replace(NAME, name));
        fs::write(&path, text.replace(NAME, name))?;
        Ok(path)
    };
    FILES.into_iter().map(write).collect()
}
