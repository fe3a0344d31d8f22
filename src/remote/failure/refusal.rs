//! Why a program did not start its work: it could not become root, or not begin on this host now.

use crate::model::{Failure, FailureKind, Text, text};

use super::{failure, file};

pub(super) fn explain(code: &str, detail: &str) -> Option<Failure> {
    use FailureKind::Become;
    let (kind, message, hint) = match code {
        "not-root" => (
            Become,
            text!(
                en: "the login is not root, and `become.method` is none",
                pt: "o login não é de root, e `become.method` é none",
            ),
            text!(
                en: "set `become: {{ method: sudo }}`, or log in as root with `ssh: {{ user: root }}`",
                pt: "use `become: {{ method: sudo }}`, ou entre como root com `ssh: {{ user: root }}`",
            ),
        ),
        "sudo-missing" => (
            Become,
            text!(en: "sudo is not installed", pt: "o sudo não está instalado"),
            text!(
                en: "install it on the host as root (`apt install sudo`), or log in as root with \
                     `ssh: {{ user: root }}` and `become: {{ method: none }}`",
                pt: "instale-o na máquina como root (`apt install sudo`), ou entre como root com \
                     `ssh: {{ user: root }}` e `become: {{ method: none }}`",
            ),
        ),
        "sudo-password-needed" => (
            Become,
            text!(en: "sudo wants a password", pt: "o sudo pede uma senha"),
            text!(
                en: "give it with -K, or set `become: {{ password: prompt }}`; if the user may not use sudo at all, \
                     add it on the host: `usermod -aG sudo USER`",
                pt: "informe-a com -K, ou use `become: {{ password: prompt }}`; se o usuário nem pode usar o sudo, \
                     dê a permissão na máquina: `usermod -aG sudo USER`",
            ),
        ),
        "sudo-password-wrong" => (
            Become,
            text!(en: "sudo refused the password", pt: "o sudo recusou a senha"),
            text!(
                en: "check the password of the login user; it was tried once and is not tried again",
                pt: "confira a senha do usuário de login; ela foi tentada uma vez e não será tentada de novo",
            ),
        ),
        "sudo-not-allowed" => (
            Become,
            text!(en: "the login user may not use sudo", pt: "o usuário de login não pode usar o sudo"),
            text!(
                en: "on the host as root: `usermod -aG sudo USER`, or log in as a user who may",
                pt: "na máquina, como root: `usermod -aG sudo USER`, ou entre com um usuário que possa",
            ),
        ),
        "sudo-tty" => (
            Become,
            text!(en: "sudo wants a terminal (`requiretty`)", pt: "o sudo exige um terminal (`requiretty`)"),
            text!(
                en: "remove `Defaults requiretty` from the host's sudoers with `visudo`",
                pt: "remova `Defaults requiretty` do sudoers da máquina com `visudo`",
            ),
        ),
        "sudo-limited" | "sudo-rules" | "sudo-fails" | "sudo-broken" => {
            let (message, hint) = sudo_itself(code, detail);
            (Become, message, hint)
        }
        "busy" => return Some(busy(detail)),
        "drill-busy" => return Some(drill_busy(detail)),
        "journal-unwritable" | "journal-damaged" => return file::explain(code, detail),
        _ => return unfit(code, detail),
    };
    Some(failure(kind, message, hint))
}

/// Why sudo does nothing for the login, in its own words where they tell more.
fn sudo_itself(code: &str, detail: &str) -> (Text, Text) {
    match code {
        "sudo-limited" => (
            text!(
                en: "sudo allows the login user some commands only, and `sh` is not among them",
                pt: "o sudo só permite alguns comandos ao usuário de login, e `sh` não está entre eles",
            ),
            text!(
                en: "`sudo -l` there shows which; as root, allow `sh`, too, with `visudo`, as \
                     `USER ALL=(ALL) NOPASSWD: ALL`, or log in as a user who may do all",
                pt: "lá, `sudo -l` mostra quais; como root, permita também `sh` com `visudo`, como em \
                     `USER ALL=(ALL) NOPASSWD: ALL`, ou entre com um usuário que possa tudo",
            ),
        ),
        "sudo-rules" => (
            text!(en: "sudo cannot read its rules", pt: "o sudo não consegue ler as suas regras"),
            in_its_words(
                detail,
                &text!(
                    en: "on the host as root: `visudo -c` names what is wrong in /etc/sudoers or /etc/sudoers.d",
                    pt: "na máquina, como root: `visudo -c` mostra o que está errado em /etc/sudoers ou /etc/sudoers.d",
                ),
            ),
        ),
        "sudo-fails" => (
            text!(
                en: "sudo can't start a program for root on this host",
                pt: "o sudo não consegue iniciar um programa como root nesta máquina",
            ),
            in_its_words(
                detail,
                &text!(
                    en: "`sudo -u root sh -c true` there has to end without a word; as root, mend what it names: a setting in \
                         /etc/sudoers or /etc/sudoers.d (with `visudo`), as `secure_path`, `runcwd` or `iolog_dir`, the \
                         account, or PAM (/etc/pam.d/sudo)",
                    pt: "lá, `sudo -u root sh -c true` precisa terminar sem dizer nada; como root, corrija o que for citado: uma \
                         opção em /etc/sudoers ou /etc/sudoers.d (com `visudo`), como `secure_path`, `runcwd` ou `iolog_dir`, a \
                         conta, ou o PAM (/etc/pam.d/sudo)",
                ),
            ),
        ),
        _ => (
            text!(
                en: "sudo cannot gain root on this host",
                pt: "o sudo não consegue virar root nesta máquina",
            ),
            in_its_words(
                detail,
                &text!(
                    en: "in a container, allow new privileges; where /usr is mounted `nosuid`, take that out of /etc/fstab \
                         and, as root, `mount -o remount,suid /usr`; else reinstall sudo: `apt install --reinstall sudo`",
                    pt: "em um contêiner, permita novos privilégios; se /usr está montado com `nosuid`, tire isso do \
                         /etc/fstab e, como root, `mount -o remount,suid /usr`; senão, reinstale o sudo: \
                         `apt install --reinstall sudo`",
                ),
            ),
        ),
    }
}

/// What is to be done, after what sudo itself says, where it said something.
fn in_its_words(words: &str, mend: &Text) -> Text {
    if words.is_empty() {
        return mend.clone();
    }
    text!(en: "it says: {words}; {mend}", pt: "ele diz: {words}; {mend}", mend)
}

/// What every program needs is not there.
fn unfit(code: &str, detail: &str) -> Option<Failure> {
    use FailureKind::{File, Packages, Unsupported};
    let (kind, message, hint) = match code {
        "no-dpkg" => (
            Unsupported,
            text!(
                en: "the host is neither Debian nor Ubuntu: it has no dpkg",
                pt: "a máquina não é Debian nem Ubuntu: não tem dpkg",
            ),
            text!(
                en: "use a Debian or Ubuntu image for this host",
                pt: "use uma imagem de Debian ou Ubuntu nesta máquina",
            ),
        ),
        "dpkg-unreadable" => (
            Packages,
            text!(
                en: "dpkg can't tell what is installed on the host",
                pt: "o dpkg não consegue dizer o que está instalado na máquina",
            ),
            text!(
                en: "it says: {detail}; mend that file there, or put a copy of it back (/var/lib/dpkg/status-old, \
                     /var/backups/dpkg.status.*): `sudo dpkg --audit` has to end without a complaint",
                pt: "ele diz: {detail}; corrija esse arquivo lá, ou ponha de volta uma cópia dele \
                     (/var/lib/dpkg/status-old, /var/backups/dpkg.status.*): `sudo dpkg --audit` precisa terminar sem queixas",
            ),
        ),
        "dpkg-lost" => (
            Packages,
            text!(
                en: "dpkg has lost what it knew of packages that are on the host",
                pt: "o dpkg perdeu o que sabia de pacotes que estão na máquina",
            ),
            text!(
                en: "/var/lib/dpkg/status there lacks {detail}, whose lists of files are in /var/lib/dpkg/info: put back a \
                     copy that has them (/var/lib/dpkg/status-old, /var/backups/dpkg.status.*)",
                pt: "faltam em /var/lib/dpkg/status lá {detail}, cujas listas de arquivos estão em /var/lib/dpkg/info: ponha \
                     de volta uma cópia que os tenha (/var/lib/dpkg/status-old, /var/backups/dpkg.status.*)",
            ),
        ),
        "look-failed" => (
            Unsupported,
            text!(
                en: "`{detail}` failed on the host, so that nobody knows what stands there",
                pt: "o `{detail}` falhou na máquina, e ninguém sabe o que há lá",
            ),
            text!(
                en: "`sudo {detail} --version` there may say why; it belongs to every Debian and Ubuntu: `sudo apt install \
                     --reinstall coreutils gzip`",
                pt: "`sudo {detail} --version` lá talvez diga por quê; faz parte de todo Debian e Ubuntu: `sudo apt install \
                     --reinstall coreutils gzip`",
            ),
        ),
        "no-null" => (
            Unsupported,
            text!(
                en: "/dev/null of the host is not the device that everybody can write to",
                pt: "o /dev/null da máquina não é o dispositivo em que todos podem gravar",
            ),
            text!(
                en: "on the host as root: `rm -f /dev/null && mknod -m 666 /dev/null c 1 3`",
                pt: "na máquina, como root: `rm -f /dev/null && mknod -m 666 /dev/null c 1 3`",
            ),
        ),
        "no-gzip" => (
            Unsupported,
            text!(
                en: "the host can't unpack a program: gzip or base64 does not work there",
                pt: "a máquina não consegue descompactar um programa: o gzip ou o base64 não funciona lá",
            ),
            text!(
                en: "run `echo x | gzip | gzip -dc | base64` there as the login and as root; it belongs to every Debian \
                     and Ubuntu: `apt install --reinstall gzip coreutils`; where only sudo denies it, its rules say \
                     `noexec` (`sudo -l`)",
                pt: "rode `echo x | gzip | gzip -dc | base64` lá como o usuário de login e como root; faz parte de todo \
                     Debian e Ubuntu: `apt install --reinstall gzip coreutils`; se só com o sudo isso é negado, as regras \
                     dele dizem `noexec` (`sudo -l`)",
            ),
        ),
        "no-scratch" => {
            let folder = if detail.is_empty() { "/run" } else { detail };
            (
                File,
                text!(
                    en: "no temporary folder can be made under {folder} on the host",
                    pt: "não é possível criar uma pasta temporária em {folder} na máquina",
                ),
                text!(
                    en: "look whether {folder} is full or read-only: `df -h {folder}`",
                    pt: "veja se {folder} está cheio ou somente para leitura: `df -h {folder}`",
                ),
            )
        }
        _ => return None,
    };
    Some(failure(kind, message, hint))
}

/// `PID SECONDS USER` of whoever holds a lock.
fn holder(detail: &str) -> (&str, &str, &str) {
    let mut words = detail.split(' ');
    let mut next = || words.next().filter(|word| !word.is_empty()).unwrap_or("?");
    (next(), next(), next())
}

/// Another drill has the balancer.
fn drill_busy(detail: &str) -> Failure {
    let (pid, seconds, user) = holder(detail);
    failure(
        FailureKind::Busy,
        text!(
            en: "another drill of this cluster is under way",
            pt: "outro exercício de queda deste cluster está em andamento",
        ),
        text!(
            en: "process {pid} on the balancer, started by {user} {seconds} s ago, belongs to it: drill again when it \
                 is over. One whose laptop is gone ends by itself, soon after its --restore-after",
            pt: "o processo {pid} do balanceador, iniciado por {user} há {seconds} s, pertence a ele: repita o exercício \
                 quando terminar. Um cujo notebook sumiu termina sozinho, logo depois do seu --restore-after",
        ),
    )
}

fn busy(detail: &str) -> Failure {
    let (pid, seconds, user) = holder(detail);
    failure(
        FailureKind::Busy,
        text!(en: "another run holds the host", pt: "outra execução está usando a máquina"),
        text!(
            en: "process {pid} there, started by {user} {seconds} s ago, is not done yet. It may be a run whose \
                 connection died: wait for it, then run the same command again",
            pt: "o processo {pid} de lá, iniciado por {user} há {seconds} s, ainda não terminou. Pode ser uma execução \
                 cuja conexão caiu: espere que ela termine e rode o mesmo comando de novo",
        ),
    )
}
