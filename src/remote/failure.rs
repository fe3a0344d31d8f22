//! The words with which programs say that something failed → what people are told.
//!
//! Messages hold nothing that differs between hosts with the same cause; what does goes into the hint.

use crate::model::{Failure, FailureKind};

/// What `refused CODE DETAIL` means: the program did not start its work.
pub(super) fn refusal(words: &str) -> Failure {
    let (code, detail) = words.split_once(' ').unwrap_or((words, ""));
    match code {
        "not-root" => failure(
            FailureKind::Become,
            "the login is not root, and `become.method` is none",
            "set `become: { method: sudo }`, or log in as root with `ssh: { user: root }`",
        ),
        "sudo-missing" => failure(
            FailureKind::Become,
            "sudo is not installed",
            "install it on the host as root (`apt install sudo`), or log in as root with `ssh: { user: root }` \
             and `become: { method: none }`",
        ),
        "sudo-password-needed" => failure(
            FailureKind::Become,
            "sudo wants a password",
            "give it with -K, or set `become: { password: prompt }`; if the user may not use sudo at all, add it \
             on the host: `usermod -aG sudo USER`",
        ),
        "sudo-password-wrong" => failure(
            FailureKind::Become,
            "sudo refused the password",
            "check the password of the login user; it was tried once and is not tried again",
        ),
        "sudo-not-allowed" => failure(
            FailureKind::Become,
            "the login user may not use sudo",
            "on the host as root: `usermod -aG sudo USER`, or log in as a user who may",
        ),
        "sudo-tty" => failure(
            FailureKind::Become,
            "sudo wants a terminal (`requiretty`)",
            "remove `Defaults requiretty` from the host's sudoers with `visudo`",
        ),
        "sudo-broken" => failure(
            FailureKind::Become,
            "sudo cannot gain root on this host",
            "in a container, allow new privileges; else reinstall sudo: `apt install --reinstall sudo`",
        ),
        "no-dpkg" => failure(
            FailureKind::Unsupported,
            "the host is neither Debian nor Ubuntu: it has no dpkg",
            "use a Debian or Ubuntu image for this host",
        ),
        "no-scratch" => failure(
            FailureKind::File,
            "no temporary folder can be made under /run on the host",
            "look whether /run is full or read-only: `df -h /run`",
        ),
        "busy" => busy(detail),
        "journal-unwritable" => journal_unwritable(),
        _ => unknown(words),
    }
}

/// What `failed INDEX CODE DETAIL` means: a step of a plan failed.
pub(super) fn fault(words: &str) -> Failure {
    let (code, detail) = words.trim().split_once(' ').unwrap_or((words.trim(), ""));
    match code.split_once('-') {
        Some(("apt", cause)) => apt_fault(cause, detail),
        Some(("service", _)) => service_fault(code, detail),
        Some(("drill", _)) => drill_fault(code, detail),
        _ => file_fault(code, detail),
    }
}

fn file_fault(code: &str, detail: &str) -> Failure {
    let file = |message: &str, hint: &str| failure(FailureKind::File, message, hint);
    match code {
        "journal-unwritable" => journal_unwritable(),
        "path-unwritable" => file(
            &format!("{detail} cannot be written"),
            "look whether the disk is full or read-only (`df -h`, `mount`), or the file is immutable (`lsattr`)",
        ),
        "path-is-directory" => {
            file(&format!("{detail} is a directory, where a file belongs"), "move it away on the host")
        }
        "path-blocked" => file(
            &format!("{detail} is neither what belongs there nor something that may be replaced"),
            "look at it on the host (`ls -ld`) and move it away",
        ),
        "haproxy-refuses" => file(
            "haproxy does not accept the new configuration; the old one stays",
            "what haproxy says is in the log; mend the template or the inventory",
        ),
        "apache-refuses" => file(
            &format!("apache does not accept the new {detail}; the old one stays"),
            "what apache says is in the log; mend the template or the inventory",
        ),
        "apache-other" => file(
            &format!("apache's configuration is broken in {detail}, which is not ours"),
            "mend or remove that file on the host, check with `sudo apache2ctl configtest`, and apply again",
        ),
        _ => unknown(&format!("{code} {detail}")),
    }
}

fn service_fault(code: &str, detail: &str) -> Failure {
    let service = |message: &str, hint: &str| failure(FailureKind::Service, message, hint);
    let mut words = detail.splitn(4, ' ');
    let name = words.next().unwrap_or_default();
    match code {
        "service-masked" => service(
            &format!("{name} is masked, so it cannot be started"),
            &format!("somebody did that on purpose; to allow it: `sudo systemctl unmask {name}`"),
        ),
        "service-unknown" => service(
            &format!("there is no service {name} on the host"),
            &format!("its package may be broken: `sudo apt install --reinstall {name}`"),
        ),
        "service-enable" => service(
            &format!("{name} cannot be enabled at boot"),
            &format!("try it by hand and read what it says: `sudo systemctl enable {name}`"),
        ),
        "service-port" => {
            let (port, pid, owner) = (words.next(), words.next(), words.next());
            let (port, pid) = (port.unwrap_or_default(), pid.unwrap_or_default());
            let owner = owner.filter(|owner| !owner.is_empty()).unwrap_or("another program");
            service(
                &format!("{name} cannot have port {port}: {owner} holds it"),
                &format!(
                    "stop it on the host (process {pid}; `sudo systemctl disable --now {owner}` if it is a \
                     service), or choose another port in the inventory"
                ),
            )
        }
        "service-start" => service(
            &format!("{name} does not come up"),
            &format!("read the end of the log, or on the host: `sudo journalctl -u {name} -n 50`"),
        ),
        "service-reload" => service(
            &format!("{name} did not take the new configuration"),
            &format!("read the end of the log, or on the host: `sudo journalctl -u {name} -n 50`"),
        ),
        _ => unknown(&format!("{code} {detail}")),
    }
}

fn drill_fault(code: &str, detail: &str) -> Failure {
    let service = |message: &str, hint: &str| failure(FailureKind::Service, message, hint);
    match code {
        "drill-idle" => service(
            &format!("{detail} does not run, so there is nothing to take out"),
            "nothing was stopped; `provision verify` says what is wrong, `provision apply` starts it",
        ),
        "drill-unarmed" => service(
            "the host did not set the timer that brings the server back",
            "nothing was stopped, since nothing would make sure of its return; the log says why",
        ),
        "drill-socket" => service(
            &format!("haproxy has no runtime socket at {detail}"),
            &format!(
                "nothing was changed; put `stats socket {detail} mode 660 level admin` into the `global` section of \
                 your template and apply, or use `--mode stop`"
            ),
        ),
        "drill-perl" => service(
            "there is no perl on the host to speak to haproxy's runtime socket with",
            "nothing was changed; `sudo apt install perl-base` on the balancer, or use `--mode stop`",
        ),
        "drill-haproxy" => service(
            "haproxy did not take the order to change the server's state",
            &format!(
                "it says: {detail}; its socket needs `level admin`, and the backend the name of the lecture notes"
            ),
        ),
        "drill-return" => service(
            "haproxy did not take the order to use the server again",
            "`sudo systemctl restart haproxy` on the balancer brings it back; the log says why it was needed",
        ),
        "drill-stop" => service(
            &format!("{detail} could not be stopped"),
            "it was started again; read the log, and try `systemctl stop` on the host by hand",
        ),
        _ => unknown(&format!("{code} {detail}")),
    }
}

fn apt_fault(cause: &str, detail: &str) -> Failure {
    let apt = |message: &str, hint: &str| failure(FailureKind::Packages, message, hint);
    match cause {
        "locked" => Failure {
            kind: FailureKind::Busy,
            message: "another program holds apt on the host".into(),
            hint: Some(format!("it is {detail}; wait until it is done, and apply again").into()),
        },
        "disk-full" => apt(
            "the host's disk is full",
            "make room (`sudo apt clean`, `df -h`), and apply again: it will repair",
        ),
        "read-only" => apt("the host's file system is read-only", "look at `dmesg`, and restart the host"),
        "clock" => apt(
            "the host's clock is behind its package mirror, so apt trusts nothing",
            &format!("set it: `sudo timedatectl set-ntp true`, or restart the VM ({detail})"),
        ),
        "held" => apt(
            "a package that is on hold stands in the way",
            &format!(
                "on hold are: {detail}; nothing was changed about that. `sudo apt-mark unhold NAME` releases it"
            ),
        ),
        "interrupted" => apt(
            "dpkg was interrupted on the host and could not be repaired",
            "read the log, and on the host run `sudo dpkg --configure -a`",
        ),
        "timeout" => Failure {
            kind: FailureKind::Timeout,
            message: "apt did not finish in time".into(),
            hint: Some("the mirror may be very slow: try again, or `packages: { via: laptop }`".into()),
        },
        "killed" => apt(
            "apt was killed on the host",
            "too little memory is the usual cause: look at `free -h` and `dmesg`, and apply again: it will repair",
        ),
        "unknown" | "stale" => apt(
            &if detail.is_empty() || cause == "stale" {
                "a package that is needed is not on the host's mirrors".to_owned()
            } else {
                format!("the host's package sources have no package {detail}")
            },
            "check the name, and that `main` (on Ubuntu also `universe`) is among the host's apt sources",
        ),
        "virtual" => apt(
            &format!("{detail} is no real package: apt installed something that provides it"),
            "name the package itself in `packages.extra`",
        ),
        "unmet" => apt(
            "apt cannot satisfy the dependencies of what is needed",
            "packages of other releases are often the cause: read the log, and run `sudo apt -f install` on the host",
        ),
        "dpkg" => apt(
            &if detail.is_empty() {
                "a package could not be configured".to_owned()
            } else {
                format!("the package {detail} could not be configured")
            },
            "read the log; on the host `sudo dpkg --configure -a` tries it again",
        ),
        "expired" | "unsigned" | "hash" | "relay" | "resolve" | "proxy" | "mirror" => {
            mirror_fault(cause, detail)
        }
        _ => apt(
            "apt failed",
            &if detail.is_empty() { "read the log".to_owned() } else { format!("it says: {detail}") },
        ),
    }
}

/// What went wrong between a host and its mirror.
fn mirror_fault(cause: &str, detail: &str) -> Failure {
    let apt = |message: &str, hint: &str| failure(FailureKind::Packages, message, hint);
    let mirror = if detail.is_empty() { "its mirror" } else { detail };
    match cause {
        "expired" => apt(
            &format!("the release file of {mirror} has expired"),
            "the mirror is stale or the host's clock is ahead: compare `date` on the host, or use another mirror",
        ),
        "unsigned" => apt(
            &format!("{mirror} is not signed by a key that the host trusts"),
            "nothing was installed. A captive portal or a stale mirror looks like this too; see the log, and mend \
             that source in /etc/apt/sources.list.d",
        ),
        "hash" => apt(
            &format!("{mirror} delivers files that do not match its own list"),
            "it was tried twice: the mirror is being updated, or a proxy between corrupts it. Try again later, or \
             `packages: { via: laptop }`",
        ),
        "relay" => apt(
            "packages cannot come through the laptop",
            &format!(
                "{}: mend that there, and run the same command again; what its cache holds already is kept",
                detail.trim_end()
            ),
        ),
        "resolve" => apt(
            "the host cannot resolve the name of its package mirror",
            &format!(
                "{mirror} is unknown there: mend its DNS, or let the laptop serve: `packages: {{ via: laptop }}`"
            ),
        ),
        "proxy" => apt(
            &format!("the host's apt goes through the proxy {detail}, which does not answer"),
            "remove that proxy from /etc/apt/apt.conf.d on the host, or let the laptop serve: `packages: { via: \
             laptop }`",
        ),
        _ => apt(
            "the host does not reach its package mirror",
            &format!(
                "{mirror} does not answer: mend its network, or let the laptop serve: `packages: {{ via: laptop }}`"
            ),
        ),
    }
}

fn busy(detail: &str) -> Failure {
    let mut words = detail.split(' ');
    let (pid, seconds) = (words.next().unwrap_or("?"), words.next().unwrap_or("?"));
    let user = words.next().unwrap_or("?");
    Failure {
        kind: FailureKind::Busy,
        message: "another run holds the host".into(),
        hint: Some(format!(
            "process {pid} there, started by {user} {seconds} s ago, is not done yet. It may be a run whose connection \
             died: wait for it, and apply again"
        ).into()),
    }
}

fn journal_unwritable() -> Failure {
    failure(
        FailureKind::File,
        "the journal /var/lib/provision cannot be written, so nothing was changed",
        "look whether the disk is full or read-only: `df -h /var`, `mount`",
    )
}

/// A plan of `reset` was handed to `apply`, or the other way round.
pub(super) fn cannot_apply() -> Failure {
    Failure {
        kind: FailureKind::Protocol,
        message: "this plan is for another command".into(),
        hint: Some("this is a fault of the tool: please report it".into()),
    }
}

fn unknown(words: &str) -> Failure {
    Failure {
        kind: FailureKind::Protocol,
        message: "the host failed for a reason that this version does not know".into(),
        hint: Some(format!("it said: {words}").into()),
    }
}

fn failure(kind: FailureKind, message: &str, hint: &str) -> Failure {
    Failure { kind, message: message.into(), hint: Some(hint.into()) }
}
