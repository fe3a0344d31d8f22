//! Downloading what a plan installs, for the laptop's cache and not for the host. The whole is one step, the first.

use crate::model::{Failure, Operation, Step};

use super::apply::{NOTING, PackageWay, Place, UPLOAD};
use super::events::ApplyReader;
use super::invocation::{self, Credentials, RunAs};
use super::program::Program;

const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/clock.sh"),
    include_str!("programs/run.sh"),
    UPLOAD,
    include_str!("programs/apt_common.sh"),
    include_str!("programs/dpkg.sh"),
    include_str!("programs/dpkg_query.sh"),
    include_str!("programs/lists.sh"),
    include_str!("programs/removals.sh"),
    include_str!("programs/packages.sh"),
    include_str!("programs/apt_verdict.sh"),
    NOTING,
    include_str!("programs/apt_news.sh"),
    include_str!("programs/apt.sh"),
    include_str!("programs/fetch.sh"),
];

/// The program that downloads the packages of a plan in a way that leads through the laptop, and keeps nothing on the
/// host.
pub fn fetch<'a>(
    steps: &[Step],
    way: PackageWay<'_>,
    credentials: Credentials<'a>,
) -> Result<Program<'a, ApplyReader>, Failure> {
    let mut data = Place::of_host().begin();
    data.line(way.encode()?);
    for step in steps {
        if let Operation::InstallPackage(name) = &step.operation {
            data.line(invocation::package(name)?);
        }
    }
    data.end();
    data.line("#end");
    Ok(Program { run_as: RunAs::Root(credentials), parts: PARTS, data, reader: ApplyReader })
}
