//! The key files that there are, and how an inventory names them.

use std::fs;
use std::path::Path;

use crate::document::complaint::Complaint;
use crate::model::text;

/// Private keys in `~/.ssh`, as an inventory names them: those with a public half, and those that AWS gave.
pub fn offered(home: &Path) -> Vec<String> {
    let folder = home.join(".ssh");
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    let is_key = |name: &String| {
        let has_public = names.binary_search(&format!("{name}.pub")).is_ok();
        has_public || Path::new(name).extension().is_some_and(|ending| ending == "pem")
    };
    names.iter().filter(|name| is_key(name)).map(|name| format!("~/.ssh/{name}")).collect()
}

/// A key file that somebody named here, as the inventory in `file` has to name it.
pub fn named(text: &str, file: &Path, home: Option<&Path>) -> Result<String, Complaint> {
    let below_home = text.strip_prefix("~/").zip(home).map(|(rest, home)| home.join(rest));
    let path = below_home.unwrap_or_else(|| text.into());
    if path.extension().is_some_and(|ending| ending == "pub") {
        return Err(Complaint::new(
            text!(en: "{text} is the public half of a key", pt: "{text} é a metade pública de uma chave"),
            text!(en: "name the private key, without `.pub`", pt: "indique a chave privada, sem `.pub`"),
        ));
    }
    if !path.is_file() {
        return Err(Complaint::new(
            text!(en: "there is no key file {text}", pt: "não existe o arquivo de chave {text}"),
            text!(en: "check the path", pt: "confira o caminho"),
        ));
    }
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (path, file) = (absolute(&path), absolute(file));
    let beside = file.parent().and_then(|folder| path.strip_prefix(folder).ok());
    let below_home = home.and_then(|home| path.strip_prefix(home).ok());
    Ok(match (beside, below_home) {
        (_, Some(rest)) => format!("~/{}", rest.display()),
        (Some(rest), None) => rest.display().to_string(),
        (None, None) => path.display().to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_offered_and_named() {
        let home = tempfile::tempdir().unwrap();
        let ssh = home.path().join(".ssh");
        fs::create_dir(&ssh).unwrap();
        for name in ["id_ed25519", "id_ed25519.pub", "known_hosts", "config", "labsuser.pem", "lonely.pub"] {
            fs::write(ssh.join(name), "").unwrap();
        }
        assert_eq!(offered(home.path()), ["~/.ssh/id_ed25519", "~/.ssh/labsuser.pem"]);
        let class = tempfile::tempdir().unwrap();
        let (file, key) = (class.path().join("inventory.yaml"), class.path().join("key"));
        fs::write(&key, "").unwrap();
        let named = |text: &str, file: &Path| named(text, file, Some(home.path()));
        assert_eq!(named("~/.ssh/labsuser.pem", &file).unwrap(), "~/.ssh/labsuser.pem");
        assert_eq!(named(ssh.join("id_ed25519").to_str().unwrap(), &file).unwrap(), "~/.ssh/id_ed25519");
        assert_eq!(named(key.to_str().unwrap(), &file).unwrap(), "key");
        assert_eq!(
            named(key.to_str().unwrap(), Path::new("/elsewhere/i.yaml")).unwrap(),
            key.to_str().unwrap()
        );
        assert!(named("~/.ssh/id_ed25519.pub", &file).unwrap_err().message.english().contains("public half"));
        assert!(named("~/.ssh/none", &file).unwrap_err().message.english().contains("no key file"));
    }
}
