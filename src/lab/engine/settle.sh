#!/bin/sh
# Makes a container that has just been started a host of its lab, once, and waits until every service of its boot is
# up. Runs in it, as root.
#
# Standard input: the login, its public key, its password or an empty line, then the host's private key.
set -eu
read -r user
read -r key
read -r password

# systemd has no bus to answer on at first.
until state=$(systemctl is-system-running --wait 2>/dev/null) || [ "$state" = degraded ]; do
    sleep 0.1
done

host_key=/etc/ssh/ssh_host_ed25519_key
if ! [ -e "$host_key.pub" ]; then
    umask 077
    cat >"$host_key"
    id "$user" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$user"
    tag=
    if [ -n "$password" ]; then
        printf '%s:%s\n' "$user" "$password" | chpasswd
    else
        # `*` is no password, as cloud images have it; `!` would lock the account in sshd's eyes as well.
        usermod --password '*' "$user"
        tag='NOPASSWD: '
    fi
    printf '%s ALL=(ALL:ALL) %sALL\n' "$user" "$tag" >/etc/sudoers.d/90-lab
    home=$(getent passwd "$user" | cut -d: -f6)
    mkdir -p "$home/.ssh"
    printf '%s\n' "$key" >"$home/.ssh/authorized_keys"
    chown -R "$user:" "$home/.ssh"
    ssh-keygen -y -f "$host_key" >"$host_key.pub"
    chmod 644 "$host_key.pub"
fi
systemctl --quiet enable --now ssh.service
