# Tells what a machine is and what is installed, in the programs that look at a host.
# shellcheck disable=SC2034,SC2154 # `missing` and `absent` are read by these; from place.sh

tell_machine() {
    while IFS= read -r line; do
        case $line in
            ID=* | VERSION_ID=* | PRETTY_NAME=*) answer "os $line" ;;
        esac
    done </etc/os-release
    if command -v dpkg >/dev/null 2>&1; then
        answer "architecture $(dpkg --print-architecture)"
    fi
    machine=
    { read -r machine </etc/machine-id; } 2>/dev/null
    answer "machine $machine"
    # Without loopback and link-local ones.
    answer "addresses $(hostname -I 2>/dev/null)"
    if ! [ -e /proc/net/if_inet6 ]; then
        answer no-ipv6
    fi
    tell_systemd
    tell_rooms
}

# Answers the first of the folders $@ that is mounted read-only.
tell_read_only() {
    for folder in "$@"; do
        if [ -e "$folder" ] && [ ! -w "$folder" ]; then
            answer "read-only $folder"
            return
        fi
    done
}

# Answers `disk` once for each file system that is written to, by the first of these folders on it. One that knows no
# size, like that of some shared folders, is left out.
tell_rooms() {
    devices=$(stat -L -c '%n %d' /var / /usr /tmp /run /var/lib /var/lib/apt /var/lib/apt/lists /var/lib/dpkg \
        /var/cache /var/cache/apt /var/cache/apt/archives /var/log /var/www /var/www/html /usr/lib /usr/share /etc \
        /opt /opt/socket 2>/dev/null)
    told=
    set --
    while read -r folder device; do
        case "$told " in *" $device "*) continue ;; esac
        told="$told $device"
        set -- "$@" "$folder"
    done <<END
$devices
END
    rooms=$(stat -f -c '%n %a %S %d %c %b' -- "$@")
    while read -r folder room; do
        case $room in *' 0') ;; *) answer "disk $folder ${room% *}" ;; esac
    done <<END
$rooms
END
}

# Answers `package` for what dpkg knows of each argument; sets `missing` to those that are not installed, and
# `absent` to those of them that dpkg has not even begun with.
tell_packages() {
    missing='' absent=
    [ $# -gt 0 ] || return 0
    # shellcheck disable=SC2016 # dpkg-query expands it
    known=$newline$(dpkg-query -W -f '${Package}=${db:Status-Status}= ${db:Status-Want} ${Version}\n' -- "$@" 2>/dev/null)
    while IFS= read -r line; do
        [ -z "$line" ] || answer "package $line"
    done <<END
$known
END
    for package in "$@"; do
        case $known in
            *"$newline$package=installed="*) ;;
            *"$newline$package=unpacked="* | *"$newline$package=half-configured="*) missing="$missing $package" ;;
            *) missing="$missing $package" absent="$absent $package" ;;
        esac
    done
}

# Answers `dpkg-interrupted` with the names where an installation was left half-done.
tell_interrupted() {
    interrupted=$(broken_packages)
    [ -z "$interrupted" ] || answer "dpkg-interrupted $(printf '%s' "$interrupted" | tr '\n' ' ')"
}
