# Tells what a machine is and what is installed, in the programs that look at a host.
# shellcheck disable=SC2034,SC2154 # `missing` and `absent` are read by these; from place.sh

tell_machine() {
    [ ! -f /etc/os-release ] || while IFS= read -r line; do
        case $line in
            ID=* | VERSION_ID=* | PRETTY_NAME=*) answer "os $line" ;;
        esac
    done </etc/os-release
    machine=
    { read -r machine </etc/machine-id; } 2>/dev/null
    answer "machine $machine"
    # Without loopback and link-local ones.
    answer "addresses $(hostname -I 2>/dev/null)"
    [ -e /proc/net/if_inet6 ] || answer no-ipv6
    tell_systemd
    tell_rooms
}

# Answers `read-only` for those of the folders $@ that are mounted so.
tell_read_only() {
    for folder in "$@"; do
        [ ! -e "$folder" ] || [ -w "$folder" ] || answer "read-only $folder"
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

# Answers `architecture`, by that of dpkg itself, and `package` for what dpkg knows of each argument; sets `missing` to those
# that are not installed, and `absent` to those of them that dpkg has not even begun with. Ends where dpkg does not
# even know itself.
tell_packages() {
    missing='' absent='' known=$newline
    # shellcheck disable=SC2016 # dpkg-query expands it
    told=$(dpkg-query -W -f '${Multi-Arch}/${Architecture} ${Package}=${db:Status-Status}= ${db:Status-Want} ${Version}\n' \
        -- dpkg "$@" 2>&1)
    case $told in
        *" dpkg="*) ;;
        *)
            refuse "dpkg-unreadable $(printf '%s' "$told" | tr '\n' ' ')"
            ;;
    esac
    architecture=${told%% dpkg=*}
    architecture=${architecture##*/}
    answer "architecture $architecture"
    while read -r kind line; do
        package=${line%%=*}
        case " $* " in
            *" $package:${kind#*/} "*) line=$package:${kind#*/}${line#"$package"} ;;
            *" ${package:-/} "*)
                # What may stand beside itself helps no program of another architecture.
                case $kind in same/"$architecture") ;; same/*) continue ;; esac
                ;;
            *) continue ;;
        esac
        known=$known$line$newline
        answer "package $line"
    done <<END
$told
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
