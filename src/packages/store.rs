//! The cache folder. Owns how files lie there, that only whole and undamaged ones are handed out, and what goes when
//! the folder grows too large. What may be reused, and when, is decided elsewhere.
//!
//! Of each file there are two: `KEY.data`, and `KEY.json` that tells what it is. Both are written apart and renamed
//! into place, data first; an entry counts only where both agree. The time of `KEY.json` is when it was last used.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base16ct::lower::encode_string;
use http_cache_semantics::CachePolicy;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::{NamedTempFile, TempPath};

use super::content::Head;

/// An unfinished download of a run that died is removed after this time.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Meta {
    pub url: String,
    /// In hex.
    pub sha256: String,
    /// What clients are told of it, its length above all.
    #[serde(flatten)]
    pub head: Head,
    /// When it may be reused without asking.
    pub policy: CachePolicy,
}

/// A file in the cache, as the user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub url: String,
    /// In bytes.
    pub length: u64,
    pub last_used: SystemTime,
}

#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    /// Files whose content was hashed, or written, by this process.
    verified: Mutex<HashMap<String, Fingerprint>>,
}

/// By what a file is known again that was hashed. A program can set every time of a file but that of its last change.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fingerprint {
    inode: u64,
    changed: (i64, i64),
    sha256: String,
}

impl Fingerprint {
    fn of(file: &File, sha256: &str) -> Option<Self> {
        let found = file.metadata().ok()?;
        let changed = (found.ctime(), found.ctime_nsec());
        Some(Self { inode: found.ino(), changed, sha256: sha256.to_owned() })
    }
}

impl Store {
    /// Opens the folder, makes it where it does not exist, and removes what dead runs left.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let store = Self { folder: folder.to_owned(), verified: Mutex::default() };
        for (path, metadata) in files(folder)? {
            let age = metadata.modified()?.elapsed().unwrap_or_default();
            if path.extension().is_some_and(|ending| ending == "part") && age > ABANDONED_AFTER {
                fs::remove_file(path)?;
            }
        }
        Ok(store)
    }

    /// Hands out a whole, undamaged file. A damaged one is removed and counts as absent. Reads the whole file the
    /// first time, and when it was touched since: call it where blocking is allowed.
    pub fn get(&self, key: &str, url: &str) -> Option<(File, Meta)> {
        let meta = self.description(key)?;
        let file = File::open(self.data(key)).ok()?;
        let is_whole =
            meta.url == url && file.metadata().is_ok_and(|found| meta.head.length == Some(found.len()));
        // Taken before the file is read: a change meanwhile shows the next time.
        let fingerprint = Fingerprint::of(&file, &meta.sha256)?;
        if !is_whole || !(self.is_verified(key, &fingerprint) || has_sha256(&file, &meta.sha256)) {
            self.remove(key);
            return None;
        }
        self.set_verified(key, fingerprint);
        // Only the order of eviction depends on it.
        let _ = File::options()
            .append(true)
            .open(self.meta(key))
            .and_then(|file| file.set_modified(SystemTime::now()));
        Some((file, meta))
    }

    pub fn url(&self, key: &str) -> Option<String> {
        self.description(key).map(|meta| meta.url)
    }

    /// Begins a file that is still to arrive. It vanishes when dropped.
    pub fn begin(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().suffix(".part").tempfile_in(&self.folder)
    }

    pub fn free(&self) -> Option<u64> {
        let found = rustix::fs::statvfs(&self.folder).ok()?;
        Some(found.f_bavail.saturating_mul(found.f_frsize))
    }

    pub fn put(&self, key: &str, data: &File, path: TempPath, meta: &Meta) -> io::Result<()> {
        path.persist(self.data(key)).map_err(|error| error.error)?;
        if let Some(fingerprint) = Fingerprint::of(data, &meta.sha256) {
            self.set_verified(key, fingerprint);
        }
        self.describe(key, meta)
    }

    pub fn describe(&self, key: &str, meta: &Meta) -> io::Result<()> {
        let mut file = self.begin()?;
        serde_json::to_writer(io::BufWriter::new(&mut file), meta)?;
        file.persist(self.meta(key)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Removes a file; who reads it reads on.
    pub fn remove(&self, key: &str) {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        // An entry without its description is none, so that goes first; a file that is gone already is as well.
        let _ = fs::remove_file(self.meta(key));
        let _ = fs::remove_file(self.data(key));
    }

    fn description(&self, key: &str) -> Option<Meta> {
        serde_json::from_slice(&fs::read(self.meta(key)).ok()?).ok()
    }

    fn is_verified(&self, key: &str, fingerprint: &Fingerprint) -> bool {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner).get(key) == Some(fingerprint)
    }

    fn set_verified(&self, key: &str, fingerprint: Fingerprint) {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), fingerprint);
    }

    fn data(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.data"))
    }

    fn meta(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }
}

/// The files of a cache folder, by URL. A folder that does not exist has none.
pub fn list(folder: &Path) -> io::Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = keys(folder)?.into_iter().map(|(_, entry)| entry).collect();
    entries.sort_by(|a, b| a.url.cmp(&b.url));
    Ok(entries)
}

/// Empties a cache folder and tells how many bytes that freed. A run that uses it meanwhile goes on undisturbed.
pub fn clean(folder: &Path) -> io::Result<u64> {
    let mut freed = 0;
    for (path, metadata) in files(folder)? {
        if is_ours(&path) {
            freed += metadata.len();
            fs::remove_file(path)?;
        }
    }
    Ok(freed)
}

/// Removes the files that were not used for the longest time until the rest fits into `limit` bytes.
pub fn shrink(folder: &Path, limit: u64) -> io::Result<u64> {
    let mut entries = keys(folder)?;
    entries.sort_by_key(|(_, entry)| entry.last_used);
    let mut total: u64 = entries.iter().map(|(_, entry)| entry.length).sum();
    let mut freed = 0;
    for (key, entry) in entries {
        if total <= limit {
            break;
        }
        for ending in ["json", "data"] {
            match fs::remove_file(folder.join(format!("{key}.{ending}"))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        total -= entry.length;
        freed += entry.length;
    }
    Ok(freed)
}

fn keys(folder: &Path) -> io::Result<Vec<(String, Entry)>> {
    let described = files(folder)?.into_iter().filter_map(|(path, metadata)| {
        let key = path.file_name()?.to_str()?.strip_suffix(".json")?.to_owned();
        let meta: Meta = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        let entry = Entry { url: meta.url, length: meta.head.length?, last_used: metadata.modified().ok()? };
        Some((key, entry))
    });
    Ok(described.collect())
}

fn files(folder: &Path) -> io::Result<Vec<(PathBuf, fs::Metadata)>> {
    let listing = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        listing => listing?,
    };
    let mut found = Vec::new();
    for file in listing {
        let file = file?;
        match file.metadata() {
            Ok(metadata) if metadata.is_file() && metadata.nlink() > 0 => found.push((file.path(), metadata)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(found)
}

/// Whether a file in the folder is one of the cache: the user may have chosen a folder that holds others.
fn is_ours(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_key = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    match ending {
        Some("data" | "json") => is_key,
        Some("part") => name.starts_with(".tmp"),
        _ => false,
    }
}

fn has_sha256(mut file: &File, expected: &str) -> bool {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return encode_string(&hasher.finalize()) == expected,
            Ok(length) => hasher.update(&buffer[..length]),
            Err(_) => return false,
        }
    }
}
