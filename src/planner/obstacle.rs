//! What would stop changes midway, told before the first of them.

use crate::model::{self, Failure, FailureKind, PathFact, PathKind, Resource, text};

/// Fails where something stands at the path of a resource that an apply does not replace.
pub(super) fn in_the_way(resource: &Resource, fact: &PathFact) -> Result<(), Failure> {
    use PathKind::{Astray, Directory, File, Link, Other};
    let (path, what) = match (resource, fact.kind) {
        (
            Resource::Directory(model::Directory { path, .. })
            | Resource::File(model::File { path, .. })
            | Resource::Link(model::Link { path, .. }),
            Astray,
        ) => (
            path,
            text!(
                en: "behind a link in a folder that is not root's alone",
                pt: "atrás de um link em uma pasta que não é só do root",
            ),
        ),
        (Resource::Directory(model::Directory { path, .. }), File) => (
            path,
            text!(en: "a file, where a directory belongs", pt: "um arquivo onde deveria estar uma pasta"),
        ),
        (Resource::Directory(model::Directory { path, .. }), Link) => {
            (path, text!(en: "a link, where a directory belongs", pt: "um link onde deveria estar uma pasta"))
        }
        (Resource::File(file), Directory) => (
            &file.path,
            text!(en: "a directory, where a file belongs", pt: "uma pasta onde deveria estar um arquivo"),
        ),
        (Resource::Link(link), Directory) => (
            &link.path,
            text!(en: "a directory, where a link belongs", pt: "uma pasta onde deveria estar um link"),
        ),
        (
            Resource::Directory(model::Directory { path, .. }) | Resource::File(model::File { path, .. }),
            Other,
        ) => (path, text!(en: "neither a file nor a directory", pt: "nem arquivo nem pasta")),
        _ => return Ok(()),
    };
    Err(Failure {
        kind: FailureKind::File,
        message: text!(
            en: "{path} is {what}; nothing was changed",
            pt: "{path} é {what}; nada foi alterado", what
        ),
        hint: Some(text!(
            en: "look at it on the host (`namei -l {path}`) and move away what does not belong there",
            pt: "veja o que é, na máquina (`namei -l {path}`), e tire do caminho o que não deveria estar lá",
        )),
    })
}

/// Fails where a link on the way leads to nothing: what would be made there is not what the link is for.
pub(super) fn dangling(resource: &Resource, fact: &PathFact) -> Result<(), Failure> {
    let (Some(path), Some(dangling)) = (resource.path(), &fact.dangling) else { return Ok(()) };
    let (link, target) = (dangling.0.name(), dangling.1.name());
    Err(Failure {
        kind: FailureKind::File,
        message: text!(
            en: "{path} can't be made: the link {link} leads to {target}, which is not there; nothing was changed",
            pt: "não é possível criar {path}: o link {link} leva a {target}, que não existe; nada foi alterado",
            link,
            target,
        ),
        hint: Some(text!(
            en: "on the host, mount the disk that it is on (`findmnt --verify` and /etc/fstab tell), or make it: `sudo mkdir -p {target}`",
            pt: "na máquina, monte o disco em que isso fica (`findmnt --verify` e /etc/fstab ajudam), ou crie a pasta: `sudo mkdir -p {target}`",
            target,
        )),
    })
}

/// Fails where root itself cannot write what is to be changed.
pub(super) fn unwritable(resource: &Resource, fact: &PathFact) -> Result<(), Failure> {
    let (Some(path), Some(held)) = (resource.path(), &fact.unwritable) else { return Ok(()) };
    let held = held.name();
    Err(Failure {
        kind: FailureKind::File,
        message: text!(
            en: "{path} cannot be written: {held} is mounted read-only, or immutable, or append-only; nothing was changed",
            pt: "não é possível gravar {path}: {held} está montado somente para leitura, ou é imutável ou só aceita \
                 acréscimos; nada foi alterado",
            held,
        ),
        hint: Some(text!(
            en: "on the host, `findmnt -T {held}` shows its mount, which `sudo mount -o remount,rw` opens, and `lsattr -d \
                 {held}` an `i` where it is immutable or an `a` where it can only be added to, which `sudo chattr -ia \
                 {held}` takes away",
            pt: "na máquina, `findmnt -T {held}` mostra a montagem, que `sudo mount -o remount,rw` abre, e `lsattr -d \
                 {held}` um `i` se é imutável ou um `a` se só aceita acréscimos, que `sudo chattr -ia {held}` tira",
            held,
        )),
    })
}
