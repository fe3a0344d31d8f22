#!/bin/sh
# Runs a program as who has a session on a machine with systemd: in a control group of one's own, in the unified
# hierarchy, with the device that everybody may use. What it changes for that is seen by that program alone.
#
# Arguments: a folder for all that the engine keeps, the user (`root`, or another who is made up), the program and its
# arguments. Runs as root.
set -eu

if [ "$1" = --inside ]; then
    shift
    folder=$1
    user=$2
    shift 2
    umount -R /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    export CONTAINERS_CONF="$folder/containers.conf" CONTAINERS_STORAGE_CONF="$folder/storage.conf" \
        CONTAINERS_REGISTRIES_CONF="$folder/registries.conf" HOME="$folder/home" XDG_RUNTIME_DIR="$folder/runtime"
    mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
    # Ended from within, it takes its hosts down itself.
    set -- timeout --kill-after=120 "$MOST_SECONDS" "$@"
    [ "$user" != root ] || exec "$@"

    # Beyond what accounts of this machine have.
    id=7000000
    for name in passwd group subuid subgid; do
        cp "/etc/$name" "$folder/$name"
    done
    echo "$user:x:$id:$id::$HOME:/bin/sh" >>"$folder/passwd"
    echo "$user:x:$id:" >>"$folder/group"
    echo "$user:$((id + 1)):65536" | tee -a "$folder/subuid" >>"$folder/subgid"
    for name in passwd group subuid subgid; do
        mount --bind "$folder/$name" "/etc/$name"
    done
    mknod -m 666 "$folder/tun" c "$(stat -c %Hr /dev/net/tun)" "$(stat -c %Lr /dev/net/tun)"
    mount --bind "$folder/tun" /dev/net/tun
    chown -R "$id:$id" /sys/fs/cgroup "$folder/home" "$folder/runtime" "$folder/engine"
    exec setpriv --reuid "$id" --regid "$id" --clear-groups "$@"
fi

folder=$1
user=$2
mkdir -p "$folder/engine"
# Runs also where a control group limits who may raise a limit, and where the kernel has old hierarchies beside it.
cat >"$folder/containers.conf" <<END
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "$folder/engine/tmp"
static_dir = "$folder/engine/static"
[containers]
default_ulimits = ["nofile=1024:16384", "nproc=4096:4096"]
pids_limit = 0
[network]
network_config_dir = "$folder/engine/networks"
END
cat >"$folder/storage.conf" <<END
[storage]
driver = "overlay"
graphroot = "$folder/engine/storage"
rootless_storage_path = "$folder/engine/storage"
runroot = "$folder/engine/run"
END
# No test waits for what is on the internet: the base of the hosts is made of a Debian mirror.
cat >"$folder/registries.conf" <<END
[[registry]]
prefix = "docker.io"
location = "docker.io"
blocked = true
END

hierarchy=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET)
group="$hierarchy/${folder##*/}"
forwarding=$(cat /proc/sys/net/ipv4/ip_forward)
chains=$(iptables-save | grep -c NETAVARK || true)
leave() {
    if [ "$user" = root ]; then
        # Root's engine has this machine forward, and leaves its chains of rules.
        echo "$forwarding" >/proc/sys/net/ipv4/ip_forward
        [ "$chains" -gt 0 ] || iptables-save | grep -v NETAVARK | iptables-restore
    fi
    echo 0 >"$hierarchy/cgroup.procs"
    # What keeps a user's namespaces open has nothing more to do. It takes a moment to go.
    for _ in $(seq 100); do
        find "$group" -name cgroup.procs -exec xargs -r -a {} kill -KILL ';' || true
        ! find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || return 0
        sleep 0.1
    done
    echo "$group is left" >&2
    exit 1
}
mkdir "$group"
echo 0 >"$group/cgroup.procs"
trap leave EXIT
unshare --mount --propagation slave --cgroup sh "$0" --inside "$@"
