//! Starts a host as a container that outlives this process, and waits until it accepts logins.

use std::ffi::OsString;
use std::fs::{self, File};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::net::UnixDatagram;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use super::network::{namespace, namespace_path};
use super::process::root_argument;
use super::{cgroup, files, password};
use crate::error::{Error, Result};
use crate::lab::container::Launch;
use crate::lab::program::{interrupted, last_lines};
use crate::lab::record::{cannot, remove_tree};
use crate::model::{Text, text};

const START: &str = include_str!("start.sh");
/// How long a host may take from its start to a running sshd, on a machine that starts many at once.
const START_LIMIT: Duration = Duration::from_secs(180);
/// Lines of a host's console that are shown when it does not start.
const CONSOLE_LINES: usize = 15;

/// Starts a host, and gives it its files first where it has none yet. Returns how long it took until every service of
/// its boot, sshd among them, was up.
pub(in crate::lab) async fn start(launch: Launch, cancel: CancellationToken) -> Result<Duration> {
    let name = &launch.host.name;
    make_files(&launch, &cancel).await?;
    let started = Instant::now();
    let (address, socket) = notification_socket()?;
    let mut child = spawn(&launch, &address)?;
    let ready = async {
        let mut message = [0_u8; 4096];
        loop {
            let length = socket.recv(&mut message).await?;
            if message[..length].split(|byte| *byte == b'\n').any(|line| line == b"READY=1") {
                return std::io::Result::Ok(());
            }
        }
    };
    tokio::select! {
        outcome = ready => match outcome {
            Ok(()) => Ok(started.elapsed()),
            Err(error) => {
                let what = text!(
                    en: "practice host {name} tells nothing of its start",
                    pt: "a máquina de treino {name} nada diz sobre o seu início",
                );
                Err(failed(&launch, what).because(error))
            }
        },
        status = child.wait() => {
            let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            let what = text!(
                en: "practice host {name} did not start ({status})",
                pt: "a máquina de treino {name} não iniciou ({status})",
            );
            Err(failed(&launch, what))
        }
        () = tokio::time::sleep(START_LIMIT) => {
            let limit = START_LIMIT.as_secs();
            let what = text!(
                en: "practice host {name} did not come up within {limit} s",
                pt: "a máquina de treino {name} não subiu em {limit} s",
            );
            Err(failed(&launch, what))
        }
        () = cancel.cancelled() => Err(interrupted()),
    }
}

async fn make_files(launch: &Launch, cancel: &CancellationToken) -> Result<()> {
    let Launch { host, image, login, .. } = launch;
    let folder = launch.folder.host(&host.hostname);
    if folder.exists() {
        return Ok(());
    }
    let password_hash = match &login.password {
        Some(password) => Some(password::hash(password, cancel).await?),
        None => None,
    };
    let draft = launch.folder.host(&draft_of(&host.hostname));
    remove_tree(&draft).await?;
    files::make(&draft, image, host, &launch.host_key, login, password_hash.as_deref())?;
    fs::rename(&draft, &folder).map_err(|error| cannot("write", &folder, error))
}

/// What a host's folder is called as long as it is being made.
pub(super) fn draft_of(hostname: &str) -> String {
    format!(".{hostname}")
}

/// A socket that systemd-nspawn reports to. Its name is in no file system, so there is nothing to remove.
fn notification_socket() -> Result<(OsString, UnixDatagram)> {
    let name = format!("provision-lab-{:032x}", rand::random::<u128>());
    let bind = || -> std::io::Result<UnixDatagram> {
        let address = SocketAddr::from_abstract_name(&name)?;
        let socket = std::os::unix::net::UnixDatagram::bind_addr(&address)?;
        socket.set_nonblocking(true)?;
        UnixDatagram::from_std(socket)
    };
    let socket = bind().map_err(|error| {
        Error::machine(text!(
            en: "can't listen for the start of hosts",
            pt: "não foi possível escutar o início das máquinas",
        ))
        .because(error)
    })?;
    Ok((format!("@{name}").into(), socket))
}

fn spawn(launch: &Launch, notify: &OsString) -> Result<Child> {
    let Launch { lab, host, image, .. } = launch;
    let folder = launch.folder.host(&host.hostname);
    let console = console(&folder);
    let open = || -> std::io::Result<(File, File)> {
        let file = File::create(&console)?;
        Ok((file.try_clone()?, file))
    };
    let (output, errors) = open().map_err(|error| cannot("write", &console, error))?;
    // A host that was stopped by the loss of its machine left this mark, which would keep its layer from mounting.
    let mark = folder.join("work/work/incompat");
    if mark.exists() {
        fs::remove_dir_all(&mark).map_err(|error| cannot("remove", &mark, error))?;
    }

    // A session of its own: neither Ctrl-C nor the end of this terminal reaches the host.
    let mut command = Command::new("setsid");
    command.args(["unshare", "--mount", "--propagation", "slave", "sh", "-c", START, "start-host"]);
    command.arg(image).arg(&folder).args(cgroup::create(lab, &host.hostname)?).arg("--");
    command.args(supervisor(lab, &host.hostname, &folder));
    let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/sbin:/usr/bin:/sbin:/bin".into());
    command.env_clear().env("PATH", path).env("NOTIFY_SOCKET", notify);
    // A host with a newer systemd boots only on this one; older ones don't mind.
    command.env("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY", "1");
    // The host's own network settings, of which systemd's defaults are the first to be written.
    command.env("SYSTEMD_NSPAWN_API_VFS_WRITABLE", "network");
    command.current_dir("/").stdin(Stdio::null()).stdout(output).stderr(errors);
    command.spawn().map_err(|error| {
        Error::machine(text!(
            en: "host {name} can't be started",
            pt: "não foi possível iniciar a máquina {name}", name = host.name
        ))
        .because(error)
    })
}

/// The program that runs a host, with its arguments.
fn supervisor(lab: &str, hostname: &str, folder: &Path) -> Vec<String> {
    let network = namespace_path(&namespace(lab, hostname));
    let mut words: Vec<String> =
        ["systemd-nspawn", "--quiet", "--boot", "--register=no"].map(str::to_owned).into();
    if !cgroup::systemd_runs_here() {
        words.push("--keep-unit".to_owned());
    }
    words.extend([
        root_argument(&folder.join("root")),
        format!("--machine={lab}-{hostname}"),
        format!("--hostname={hostname}"),
        format!("--network-namespace-path={}", network.display()),
        // The namespace is the host's own: its root may do with it what root may do on a real machine.
        "--capability=CAP_NET_ADMIN".to_owned(),
        "--notify-ready=yes".to_owned(),
        "--resolv-conf=off".to_owned(),
        "--timezone=off".to_owned(),
        "--link-journal=no".to_owned(),
        "--console=read-only".to_owned(),
    ]);
    words
}

fn console(folder: &Path) -> PathBuf {
    folder.join("console.log")
}

fn failed(launch: &Launch, what: Text) -> Error {
    let folder = launch.folder.host(&launch.host.hostname);
    let console = fs::read(console(&folder)).unwrap_or_default();
    let console = last_lines(&String::from_utf8_lossy(&console), CONSOLE_LINES);
    let error = Error::machine(what).hint(
        text!(
            en: "the lines above are the end of its console; the lab's hosts need namespaces, overlayfs and cgroups",
            pt: "as linhas acima são o fim do console dela; as máquinas do lab precisam de namespaces, overlayfs e cgroups",
        ),
    );
    if console.is_empty() { error } else { error.because(anyhow::anyhow!(console)) }
}
