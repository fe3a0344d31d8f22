# Where what is to take the place of a path is made, in the programs that change a host, and what is looked for there in
# those that look. Follows place.sh.
# shellcheck disable=SC2154,SC2034

# Sets `room` to the nearest folder above, from `here` where this is, in which only root comes, on the same file system.
choose_room() {
    here=$(pwd -P)
    room=$here
    until is_sure "$room"; do
        if [ -z "$room" ]; then
            fault="path-shared $here"
            return 1
        fi
        room=${room%/*}
    done
    if [ "$room" != "$here" ] && [ "$(stat -c %d -- "${room:-/}/.")" != "$(stat -c %d .)" ]; then
        fault="path-shared $here"
        return 1
    fi
}
