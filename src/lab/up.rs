//! Makes a lab, or what is missing of it. Whatever goes wrong on the way, what this run made is removed again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::choice::{choose, without_images};
use super::container::{Launch, Login};
use super::down::{counted, dismantle, inventory_kept};
use super::draft::draft;
use super::driver::Driver;
use super::growth::grown;
use super::list::{LabView, view};
use super::ports::LOOPBACK;
use super::program::interrupted;
use super::record::{Folder, Lock, Record, cannot, labs, lock, make_folder, names, write_file};
use super::shape::{HostShape, Options, Ports};
use super::{Tell, driver, keys, limits, ports, routes};
use crate::draft::write;
use crate::error::{Error, Result};
use crate::model::sha256;
use crate::model::{Text, text};

/// Hosts that boot at the same time, for each processor.
const STARTS_PER_PROCESSOR: usize = 4;

/// Makes the lab that `options` describe and returns it. A lab that is up already is left as it is, apart from hosts
/// that have stopped, which are started, and hosts that are asked for in addition, which are made.
pub async fn up(
    state: &Path,
    options: &Options,
    cancel: &CancellationToken,
    tell: Tell<'_>,
) -> Result<LabView> {
    options.check()?;
    // An inventory is found again from any working directory.
    let absolute = |path: &PathBuf| std::path::absolute(path).map_err(|error| cannot("write", path, error));
    let inventory = options.inventory.as_ref().map(absolute).transpose()?;
    let mut options = Options { inventory, ..options.clone() };

    let folder = Folder::new(state, &options.name);
    let driver = driver(&options, &folder, cancel, tell).await?;
    if options.image.is_some()
        && let Some(refusal) = without_images(driver.kind())
    {
        return Err(Error::usage(refusal)
            .hint(text!(en: "ask for a release: --release trixie", pt: "peça uma versão: --release trixie"))
            .hint(text!(
                en: "or for an engine that has images: --driver podman",
                pt: "ou um motor que tenha imagens: --driver podman",
            )));
    }
    driver.prepare(state, cancel, tell).await?;
    let _lock = take(state, &folder, &options.name, cancel, tell).await?;
    let mut before = folder.read()?;
    if before.as_ref().is_some_and(|record| !record.complete) {
        dismantle(&folder, &options.name, before.as_ref(), tell).await?;
        tell(text!(
            en: "removed what an interrupted run had left of lab {name}",
            pt: "removido o que uma execução interrompida tinha deixado do lab {name}", name = options.name
        ));
        make_folder(folder.path(), 0o755)?;
        before = None;
    }
    if options.releases.is_empty() && options.image.is_none() {
        match &before {
            Some(before) => {
                options.releases.clone_from(&before.options.releases);
                options.image.clone_from(&before.options.image);
            }
            None => options.releases.push(driver.usual_release()),
        }
    }
    let mut job = Job { driver, state, folder, cancel, tell };
    let outcome = match &before {
        None => job.create(&options).await,
        Some(before) => job.extend(before, &options).await,
    };
    match outcome {
        Ok(record) => view(&job.folder, &record).await,
        Err(error) => {
            if let Err(left) = job.undo(&options.name, before.as_ref()).await {
                let left = left.message;
                return Err(error.hint(text!(
                    en: "not all of it could be removed ({left}): try `provision lab down --name {name}`",
                    pt: "nem tudo pôde ser removido ({left}): tente `provision lab down --name {name}`", left, name = options.name
                )));
            }
            Err(error)
        }
    }
}

/// What makes the lab: what has made it before, if nothing else is asked for.
async fn driver(
    options: &Options,
    folder: &Folder,
    cancel: &CancellationToken,
    tell: Tell<'_>,
) -> Result<Driver> {
    if let Some(record) = folder.read()?
        && options.driver.is_none_or(|asked| asked == record.driver)
    {
        let driver = Driver::of(&record)?;
        driver.check_user()?;
        return Ok(driver);
    }
    choose(options.driver, options.image.is_some(), cancel, tell).await
}

async fn take(
    state: &Path,
    folder: &Folder,
    lab: &str,
    cancel: &CancellationToken,
    tell: Tell<'_>,
) -> Result<Lock> {
    loop {
        make_folder(&labs(state), 0o755)?;
        make_folder(folder.path(), 0o755)?;
        // Another process may take the lab down between the two.
        let what = text!(
            en: "another process that works on lab {lab}",
            pt: "outro processo que trabalha no lab {lab}",
        );
        if let Some(lock) = lock(folder.path(), &what, cancel, tell).await? {
            return Ok(lock);
        }
    }
}

/// One run of `up`, which holds the lab's folder.
struct Job<'a> {
    driver: Driver,
    state: &'a Path,
    folder: Folder,
    cancel: &'a CancellationToken,
    tell: Tell<'a>,
}

impl Job<'_> {
    async fn create(&mut self, options: &Options) -> Result<Record> {
        let path = options.inventory.clone().unwrap_or_else(|| self.folder.inventory());
        if path.exists() {
            return Err(Error::usage(text!(
                en: "{path} exists already",
                pt: "{path} já existe", path = path.display()
            ))
            .hint(text!(
                en: "the lab would overwrite it: name another file, or move this one away",
                pt: "o lab o sobrescreveria: indique outro arquivo, ou tire este dali",
            )));
        }
        self.driver.check(&options.name, &self.folder, self.cancel).await?;
        let images = self.images(options, &BTreeMap::new()).await?;
        let mut record = self.claim(options, images).await?;
        self.credentials(options)?;
        self.driver.lay_network(&record, &self.folder, self.cancel).await?;
        let hosts = record.hosts.clone();
        self.start(&record, hosts).await?;
        record.complete = true;
        self.write_inventory(&mut record)?;
        Ok(record)
    }

    async fn extend(&mut self, before: &Record, options: &Options) -> Result<Record> {
        let mut record = grown(before, options, self.driver.kind())?;
        let running = self.driver.running(&self.folder).await;
        let is_stopped = |host: &&HostShape| !running.iter().any(|other| other.hostname == host.hostname);
        let stopped: Vec<HostShape> = record.hosts.iter().filter(is_stopped).cloned().collect();
        if stopped.is_empty() {
            (self.tell)(
                text!(en: "lab {name} is up already", pt: "o lab {name} já está no ar", name = options.name),
            );
        } else {
            record.images = self.images(options, &before.images).await?;
            record.ports = self.ports(&record.hosts, &before.ports)?;
            self.folder.write(&record)?;
            // Both are there, unless the machine was started anew meanwhile.
            self.driver.claim(record.subnet, self.cancel).await?;
            self.driver.lay_network(&record, &self.folder, self.cancel).await?;
            self.start(&record, stopped).await?;
        }
        self.write_inventory(&mut record)?;
        Ok(record)
    }

    /// The base images, by release: those in use where there are any.
    async fn images(
        &mut self,
        options: &Options,
        in_use: &BTreeMap<String, PathBuf>,
    ) -> Result<BTreeMap<String, PathBuf>> {
        let systems = options.image.as_ref().map_or(&*options.releases, std::slice::from_ref);
        self.driver.images(self.state, systems, in_use, self.cancel, self.tell).await
    }

    /// Ports for hosts that can't be reached otherwise, besides those that are `known`.
    fn ports(&self, hosts: &[HostShape], known: &BTreeMap<String, Ports>) -> Result<BTreeMap<String, Ports>> {
        if !self.driver.is_published() {
            return Ok(BTreeMap::new());
        }
        let mut others = Vec::new();
        for name in names(self.state)? {
            let other = Folder::new(self.state, &name).read().unwrap_or_default();
            others.extend(other.into_iter().flat_map(|record| record.ports.into_values()));
        }
        ports::assign(hosts, known, others)
    }

    /// Records the lab with a subnet, and makes the subnet the lab's own.
    async fn claim(&mut self, options: &Options, images: BTreeMap<String, PathBuf>) -> Result<Record> {
        let mut taken = Vec::new();
        for name in names(self.state)? {
            // Where a record can't be read, the lab's route tells.
            let other = Folder::new(self.state, &name).read().unwrap_or_default();
            taken.extend(other.map(|record| record.subnet));
        }
        loop {
            let subnet = routes::free_subnet(&taken, self.cancel).await?;
            let hosts = options.hosts(subnet);
            let record = Record {
                options: options.clone(),
                subnet,
                driver: self.driver.kind(),
                ports: self.ports(&hosts, &BTreeMap::new())?,
                hosts,
                images: images.clone(),
                complete: false,
                inventory_digest: None,
            };
            self.folder.write(&record)?;
            if self.driver.claim(subnet, self.cancel).await? {
                return Ok(record);
            }
            taken.push(subnet);
        }
    }

    /// Makes the key that logs in, and the password of sudo where one is asked for.
    fn credentials(&self, options: &Options) -> Result<()> {
        let key = keys::login_key(&options.name)?;
        write_file(&self.folder.identity(), key.private.as_bytes(), 0o600)?;
        write_file(&self.folder.identity().with_extension("pub"), key.public.as_bytes(), 0o644)?;
        if options.sudo_password {
            let password = format!("{:016x}\n", rand::random::<u64>());
            write_file(&self.folder.sudo_password(), password.as_bytes(), 0o600)?;
        }
        Ok(())
    }

    fn login(&self, options: &Options) -> Result<Login> {
        let read = |path: PathBuf| fs::read_to_string(&path).map_err(|error| cannot("read", &path, error));
        let password = options.sudo_password.then(|| read(self.folder.sudo_password())).transpose()?;
        let authorized_key = read(self.folder.identity().with_extension("pub"))?;
        Ok(Login { user: options.user.clone(), authorized_key, password })
    }

    /// Starts hosts side by side.
    async fn start(&mut self, record: &Record, hosts: Vec<HostShape>) -> Result<()> {
        let lab = &record.options.name;
        let starting = counted(hosts.len());
        (self.tell)(text!(en: "starting {starting}", pt: "iniciando {starting}", starting));
        limits::raise(self.state, driver::unaccounted() + hosts.len(), self.tell)?;
        self.driver.plug(lab, &hosts, self.cancel).await?;
        let login = self.login(&record.options)?;
        let secret = keys::secret(self.state)?;

        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let places = Arc::new(Semaphore::new(processors * STARTS_PER_PROCESSOR));
        // Cancelled by the caller, and by the first host that fails.
        let cancel = self.cancel.child_token();
        let mut starts: JoinSet<(HostShape, Result<Duration>)> = JoinSet::new();
        for host in hosts {
            let ports = record.ports.get(&host.hostname).copied();
            // Whoever logs in knows a host by where it is reached.
            let place =
                ports.map_or_else(|| host.address.clone(), |ports| format!("{LOOPBACK}:{}", ports.ssh));
            let launch = Launch {
                lab: lab.clone(),
                folder: self.folder.clone(),
                image: record.images.get(&host.release).cloned().unwrap_or_default(),
                login: login.clone(),
                host_key: keys::host_key(&secret, &place)?,
                ports,
                host: host.clone(),
            };
            let driver = self.driver;
            let (places, cancel) = (Arc::clone(&places), cancel.clone());
            starts.spawn(async move {
                let place = places.acquire_owned().await;
                let outcome = if cancel.is_cancelled() {
                    Err(interrupted())
                } else {
                    driver.start(launch, cancel).await
                };
                drop(place);
                (host, outcome)
            });
        }
        let mut first_failure = None;
        while let Some(joined) = starts.join_next().await {
            match joined {
                Ok((host, Ok(duration))) => {
                    let (HostShape { name, address, .. }, seconds) = (host, duration.as_secs_f64());
                    let seconds = Text::number(&format!("{seconds:.1}"));
                    (self.tell)(text!(
                        en: "{name} is up at {address} ({seconds} s)",
                        pt: "{name} no ar em {address} ({seconds} s)", seconds
                    ));
                }
                Ok((_, Err(error))) => {
                    cancel.cancel();
                    first_failure.get_or_insert(error);
                }
                Err(error) => {
                    cancel.cancel();
                    first_failure.get_or_insert(
                        Error::internal(
                            text!(en: "starting a host failed", pt: "falhou ao iniciar uma máquina"),
                        )
                        .because(error),
                    );
                }
            }
        }
        first_failure.map_or(Ok(()), Err)
    }

    /// Writes the inventory, unless somebody has edited it, and records the lab.
    fn write_inventory(&mut self, record: &mut Record) -> Result<()> {
        let path = record.options.inventory.clone().unwrap_or_else(|| self.folder.inventory());
        let text = write(&draft(record, &self.folder, &path));
        let digest = Some(sha256(text.as_bytes()));
        let there = fs::read(&path).ok().map(|content| sha256(&content));
        if there.is_some() && there == digest {
            record.inventory_digest = digest;
        } else if there.is_some() && there != record.inventory_digest {
            (self.tell)(inventory_kept(&path));
        } else {
            write_file(&path, text.as_bytes(), 0o644)?;
            record.inventory_digest = digest;
            let path = path.display();
            (self.tell)(text!(en: "wrote {path}", pt: "{path} escrito"));
        }
        self.folder.write(record)
    }

    async fn undo(&mut self, lab: &str, before: Option<&Record>) -> Result<()> {
        let Some(before) = before else {
            let made = self.folder.read()?;
            return dismantle(&self.folder, lab, made.as_ref(), &mut |_| {}).await;
        };
        let Some(now) = self.folder.read()? else { return Ok(()) };
        let added: Vec<String> = now
            .hosts
            .iter()
            .filter(|host| !before.hosts.contains(host))
            .map(|host| host.hostname.clone())
            .collect();
        self.driver.remove_hosts(&self.folder, lab, &added).await?;
        self.folder.write(before)
    }
}
