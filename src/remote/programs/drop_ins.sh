# Drop-ins of units, in every program that starts services or asks why one does not start.

# Prints the host's own drop-ins of service $1 in a line; those of packages are as their packages mean them.
own_drop_ins() {
    timeout 20 systemctl show -p DropInPaths --value -- "$1.service" 2>/dev/null | tr ' ' '\n' |
        grep -E '^/(etc|run)/systemd/system(\.control)?/' | paste -sd ' ' -
}
