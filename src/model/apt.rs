//! What keeps apt from its work on a host: told before, and where it failed by it.

use super::host_text::HostText;
use super::text::{Text, text};

/// That apt's own user finds no place for a temporary file, and what opens one.
pub fn closed_tmp() -> (Text, Text) {
    (
        text!(
            en: "apt can't check who has signed its lists: only root can write to /tmp",
            pt: "o apt não consegue conferir quem assinou as listas: só o root pode gravar em /tmp",
        ),
        text!(
            en: "on the host, `sudo chmod 1777 /tmp` opens it; then apply again",
            pt: "na máquina, `sudo chmod 1777 /tmp` abre a pasta; depois, aplique de novo",
        ),
    )
}

/// That apt's own user can't read a key, and what lets it.
pub fn closed_key(key: &HostText) -> (Text, Text) {
    let key = key.name();
    (
        text!(
            en: "apt does as if its key {key} were not there: apt's own user `_apt` can't read it",
            pt: "o apt age como se a chave {key} não existisse: o usuário `_apt`, do próprio apt, não consegue lê-la",
            key,
        ),
        text!(
            en: "on the host, `namei -l {key}` shows what is closed, and `sudo chmod a+rX` with its name opens it: keys are no \
                 secrets",
            pt: "na máquina, `namei -l {key}` mostra o que está fechado, e `sudo chmod a+rX` com o nome dele o abre: essas \
                 chaves não são segredo",
            key,
        ),
    )
}

/// That programs of packages may not run in a folder, and what lets them.
pub fn barred(folder: &HostText) -> (Text, Text) {
    let folder = folder.name();
    (
        text!(
            en: "packages can't be installed: no program may run in {folder}, which is mounted noexec",
            pt: "não é possível instalar pacotes: nenhum programa pode ser executado em {folder}, montado com noexec",
            folder,
        ),
        text!(
            en: "on the host, `sudo mount -o remount,exec $(findmnt -nT {folder} -o TARGET)` lets them run until the next \
                 start (/etc/fstab says what holds after it); then apply again",
            pt: "na máquina, `sudo mount -o remount,exec $(findmnt -nT {folder} -o TARGET)` permite isso até a próxima \
                 inicialização (/etc/fstab diz o que vale depois); depois, aplique de novo",
            folder,
        ),
    )
}

/// That a folder of apt's is not there, and what makes it.
pub fn gone(folder: &HostText) -> (Text, Text) {
    let folder = folder.name();
    (
        text!(
            en: "apt can't keep what it downloads: {folder} is not there, or is a link that leads to nothing",
            pt: "o apt não tem onde guardar o que baixa: {folder} não existe, ou é um link que não leva a nada",
            folder,
        ),
        text!(
            en: "on the host, mount the disk that it is on, or make it: `sudo mkdir -p $(readlink -m {folder})`; `apt-config dump | \
                 grep ^Dir` shows where apt looks",
            pt: "na máquina, monte o disco em que isso fica, ou crie a pasta: `sudo mkdir -p $(readlink -m {folder})`; `apt-config \
                 dump | grep ^Dir` mostra onde o apt procura",
            folder,
        ),
    )
}

/// What makes apt believe the certificate of a mirror.
pub fn believed_certificate() -> Text {
    text!(
        en: "see on the host that `date` is right and `ca-certificates` is installed; the authority of a house goes into \
             /usr/local/share/ca-certificates as a .crt file, then `sudo update-ca-certificates`; or name another mirror",
        pt: "veja na máquina se `date` está certo e se `ca-certificates` está instalado; a autoridade de uma instituição vai \
             em /usr/local/share/ca-certificates como arquivo .crt, depois `sudo update-ca-certificates`; ou indique outro \
             espelho",
    )
}

/// That no user can be added, and what lets a package do it.
pub fn fixed_accounts(file: &HostText) -> (Text, Text) {
    let file = file.name();
    (
        text!(
            en: "a package that brings a user of its own, as haproxy does, can't be installed: {file} can't be written",
            pt: "um pacote que traz um usuário próprio, como o haproxy, não pode ser instalado: não é possível gravar {file}",
            file,
        ),
        text!(
            en: "on the host, `lsattr {file}` shows an `i` where it is immutable, which `sudo chattr -i {file}` takes away, and \
                 `findmnt -T {file}` its mount",
            pt: "na máquina, `lsattr {file}` mostra um `i` se ele é imutável, que `sudo chattr -i {file}` tira, e `findmnt -T \
                 {file}` mostra a montagem",
            file,
        ),
    )
}
