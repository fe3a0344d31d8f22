//! How journals of hosts tell one inventory from another.

use std::fs;
use std::path::Path;

use crate::model::{InventoryMark, clean_line, sha256};

/// Signs of a digest that are enough to tell inventories apart.
const LENGTH: usize = 16;
/// Characters of a file's name that are kept.
const LONGEST_NAME: usize = 100;

/// The inventory of a file: the same file on the same laptop is the same one.
pub fn mark(inventory: &Path) -> InventoryMark {
    // Elsewhere than on Linux there is none, and paths alone have to do.
    let laptop = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let path = fs::canonicalize(inventory).unwrap_or_else(|_| inventory.to_path_buf());
    let digest = sha256(format!("{}\0{}", laptop.trim(), path.display()).as_bytes());
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    InventoryMark { id: digest.chars().take(LENGTH).collect(), name: clean_line(&name, LONGEST_NAME) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_same_inventory_from_wherever_it_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("class.yaml");
        fs::write(&file, "").unwrap();
        std::os::unix::fs::symlink(&file, folder.path().join("link.yaml")).unwrap();
        let one = mark(&file);
        assert_eq!((one.id.len(), one.name.as_str()), (16, "class.yaml"));
        assert_eq!(mark(&folder.path().join("link.yaml")), one);
        assert_ne!(mark(&folder.path().join("other.yaml")).id, one.id);
    }
}
