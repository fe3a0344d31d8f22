# New files and links on their way into place, in the programs that change a host.
#
# They are made where only root comes: in the folder itself where that is sure, else in a folder of root's own on the
# same file system, from which they are renamed. Callers have arrived: see place.sh.
# shellcheck disable=SC2154,SC2034

# Sets `room` to where what is to stand at `leaf` is made. What a run that died left there is taken away: the lock is
# ours.
find_room() {
    choose_room || return 1
    set -- "${room%/}"/.provision.*
    if [ -e "$1" ] || [ -L "$1" ]; then
        rm -rf -- "$@"
    fi
}

# Takes away what runs that died left beside what the journal remembers, wherever this run goes; the lock is ours.
sweep_candidates() {
    looked_at=' '
    for record in "$journal"/entries/*/record; do
        { read -r _ kind _ _ _ path <"$record"; } 2>/dev/null || continue
        case $kind in file | link) ;; *) continue ;; esac
        folder=${path%/*}
        while [ -n "$folder" ]; do
            case $looked_at in *" $folder "*) break ;; esac
            looked_at="$looked_at$folder "
            for left in "$folder"/.provision.*; do
                [ ! -e "$left" ] || { arrive && find_room; }
            done
            folder=${folder%/*}
        done
    done
    cd /
    fault=
}

# Sets `candidate` to an empty file in the room that was found.
make_candidate() {
    if [ "$room" = "$here" ]; then
        candidate=$(mktemp "${room%/}/.provision.XXXXXX") && return 0
    else
        candidate=$(mktemp -d "${room%/}/.provision.XXXXXX")/candidate && : >"$candidate" && return 0
    fi
    fault="path-unwritable $here"
    return 1
}

# Renames it into place.
move_candidate() {
    mv -fT -- "$candidate" "$leaf" && drop_candidate_folder
}

drop_candidate() {
    rm -f -- "$candidate"
    drop_candidate_folder
}

drop_candidate_folder() {
    case $candidate in
        */candidate) rmdir -- "${candidate%/*}" ;;
    esac
    return 0
}

# Puts a copy of $1 at `leaf`.
put_copy() {
    find_room && make_candidate || return 1
    rm -f -- "$candidate"
    if ! cp -aT -- "$1" "$candidate" || ! move_candidate; then
        drop_candidate
        return 1
    fi
    sync .
}
