//! Why a file, a directory, a link or the journal could not be written.

use crate::model::{Failure, FailureKind, text};

use super::{failure, split};

pub(super) fn explain(code: &str, detail: &str) -> Option<Failure> {
    let (message, hint) = match code {
        "journal-unwritable" => (
            text!(
                en: "the journal /var/lib/provision cannot be written, so nothing was changed",
                pt: "não é possível gravar o diário /var/lib/provision, então nada foi alterado",
            ),
            text!(
                en: "look whether the disk is full or read-only: `df -h /var`, `mount`",
                pt: "veja se o disco está cheio ou somente para leitura: `df -h /var`, `mount`",
            ),
        ),
        "journal-damaged" => (
            text!(
                en: "the journal on the host is damaged: {detail} no longer tells what it is of",
                pt: "o diário na máquina está danificado: {detail} não diz mais do que trata",
            ),
            text!(
                en: "look what is left in it, `sudo ls -lA {detail}` (`original` is what stood there before), put back what \
                     you want to keep, and take it out of the way: `sudo mv {detail} /root/`; what it told of is not undone \
                     then",
                pt: "veja o que resta nele, `sudo ls -lA {detail}` (`original` é o que havia antes), ponha de volta o que \
                     quiser guardar e tire-o do caminho: `sudo mv {detail} /root/`; o que ele contava não será desfeito",
            ),
        ),
        "path-unwritable" => (
            text!(en: "{detail} cannot be written", pt: "não é possível gravar {detail}"),
            text!(
                en: "look whether the disk is full or read-only (`df -h`, `mount`), or the file or its folder is immutable or \
                     append-only (`lsattr -d`)",
                pt: "veja se o disco está cheio ou somente para leitura (`df -h`, `mount`), ou se o arquivo ou a pasta dele é \
                     imutável ou só aceita acréscimos (`lsattr -d`)",
            ),
        ),
        "path-astray" => (
            text!(
                en: "a link that is not root's leads to {detail}",
                pt: "um link que não é do root leva a {detail}",
            ),
            text!(
                en: "nothing is read or written behind it: `namei -l {detail}` on the host shows whose it is; put a \
                     folder in its place, or use another one",
                pt: "nada é lido nem gravado atrás dele: `namei -l {detail}`, na máquina, mostra de quem ele é; ponha \
                     uma pasta no lugar, ou use outra",
            ),
        ),
        "path-shared" => (
            text!(
                en: "{detail} is not root's alone, and its file system has no place that is",
                pt: "{detail} não é só do root, e o sistema de arquivos dela não tem um lugar que seja",
            ),
            text!(
                en: "whoever may write there could have root write elsewhere, so nothing is put there: `sudo chown \
                     root: {detail} && sudo chmod go-w {detail}`, or use another folder",
                pt: "quem pode gravar ali poderia levar o root a gravar em outro lugar, e por isso nada é posto ali: \
                     `sudo chown root: {detail} && sudo chmod go-w {detail}`, ou use outra pasta",
            ),
        ),
        "path-user" | "path-group" => return Some(unknown_account(code == "path-user", detail)),
        "path-changed" => (
            text!(
                en: "{detail} was changed while this run was at work",
                pt: "{detail} foi alterado durante esta execução",
            ),
            text!(
                en: "nothing was done to it: apply again, which looks anew",
                pt: "nada foi feito com ele: aplique de novo, que olha outra vez",
            ),
        ),
        "path-is-directory" => (
            text!(
                en: "{detail} is a directory, where a file belongs",
                pt: "{detail} é uma pasta onde deveria estar um arquivo",
            ),
            text!(en: "move it away on the host", pt: "tire-a do caminho, na máquina"),
        ),
        "path-blocked" => (
            text!(
                en: "{detail} is neither what belongs there nor something that may be replaced",
                pt: "{detail} não é o que deveria estar ali nem algo que possa ser substituído",
            ),
            text!(
                en: "look at it on the host (`ls -ld`): where it is a link to a disk that is not mounted, mount that; else move it away",
                pt: "veja o que é, na máquina (`ls -ld`): se é um link para um disco que não está montado, monte-o; se não, tire do caminho",
            ),
        ),
        _ => return None,
    };
    Some(failure(FailureKind::File, message, hint))
}

/// The name, and the path that should be its.
fn unknown_account(is_user: bool, detail: &str) -> Failure {
    let (name, path) = split(detail);
    let message = if is_user {
        text!(
            en: "there is no user {name} on the host, who should own {path}",
            pt: "não há na máquina o usuário {name}, que deveria ser dono de {path}",
        )
    } else {
        text!(
            en: "there is no group {name} on the host, which should own {path}",
            pt: "não há na máquina o grupo {name}, que deveria ser dono de {path}",
        )
    };
    let hint = text!(
        en: "correct the name, or add the package that brings it: packages come before files",
        pt: "corrija o nome, ou acrescente o pacote que o traz: os pacotes vêm antes dos arquivos",
    );
    failure(FailureKind::File, message, hint)
}
