#!/bin/sh
# Makes a practice host's image of a plain Debian or Ubuntu, as root in a build. Its folder holds lists as data: the
# packages of a host, and the units that a throwaway container has no use for.
set -eu
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive

# The images of registries keep services from starting when they are installed.
rm -f /usr/sbin/policy-rc.d
# What only the making of the base needed: its proxy and its options.
rm -f /etc/apt/apt.conf.d/99mmdebstrap /etc/dpkg/dpkg.cfg.d/99mmdebstrap
cp apt.conf /etc/apt/apt.conf.d/90lab

# shellcheck disable=SC2046 # a list of words
if ! dpkg-query --show $(cat packages) >/dev/null 2>&1; then
    apt-get update
    apt-get install --yes --no-install-recommends $(cat packages)
fi

# What makes copies of a system alike, and what each host gets of its own.
rm -f /etc/ssh/ssh_host_*
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb
: >/etc/machine-id
systemctl disable ssh.service
systemctl disable ssh.socket 2>/dev/null || true

while read -r unit; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
done <units
# What systemd's own defaults say, which a minimal image lacks: everybody may ping.
echo 'net.ipv4.ping_group_range = 0 2147483647' >/etc/sysctl.d/50-ping.conf

rm -r "$PWD"
