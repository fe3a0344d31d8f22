# Puts back what stood there before us, entry by entry of the journal, in the programs that undo.
#
# Callers have started a run; `journal` is its folder. A function that fails says why in `fault`.
# shellcheck disable=SC2154,SC2034

# Whether what stands at `path`, whose state is `found`, is what we put there.
is_our_state() {
    [ -n "$found" ] && own_states | grep -qxF -e "$found"
}

# A file that somebody changed since is not thrown away.
set_aside() {
    aside=$leaf.before-reset
    while [ -e "$aside" ] || [ -L "$aside" ]; do
        aside=$aside~
    done
    mv -fT -- "$leaf" "$aside" || return 1
    answer "note $path was changed since the last apply; that one is kept as ${path%/*}${aside#.}"
}

undo_path() {
    kept_original=$journal/entries/$key/original
    if [ "$original" = kept ]; then
        restore_parents "${path%/*}" || return 1
    elif [ ! -d "${path%/*}/." ]; then
        return 0
    fi
    arrive || return 1
    # Where there is no such place, nothing was made there.
    find_room
    fault="path-unwritable $path"
    if [ -e "$leaf" ] || [ -L "$leaf" ]; then
        found=$(standing_state)
        # What could not be looked at is not called changed.
        [ -n "$found" ] || [ ! -f "$leaf" ] || return 1
        if ! is_our_state && ! { [ "$original" = kept ] && [ ! -L "$leaf" ] && read_leaf | cmp -s -- "$kept_original" -; }; then
            set_aside || return 1
        fi
    fi
    if [ "$original" = kept ]; then
        put_copy "$kept_original" || return 1
    else
        rm -f -- "$leaf" && drop_compiled || return 1
    fi
    fault=
}

# Python keeps beside a program what it compiled of it.
drop_compiled() {
    compiled=${path##*/}
    [ "${compiled%.py}" != "$compiled" ] && [ -d ./__pycache__ ] || return 0
    (go_to "${path%/*}/__pycache__" && rm -f -- "./${compiled%.py}".*.pyc)
    rmdir ./__pycache__ 2>/dev/null
    return 0
}

# Makes a folder with those above it.
restore_parents() {
    [ ! -d "$1/." ] || return 0
    restore_parents "${1%/*}" && go_to "${1%/*}" || return 1
    if ! mkdir -- "./${1##*/}"; then
        fault="path-unwritable $1"
        return 1
    fi
}

undo_directory() {
    [ -d "$path" ] && [ ! -L "$path" ] || return 0
    if [ "$original" = absent ]; then
        arrive || return 1
        if ! rmdir -- "$leaf" 2>/dev/null; then
            fault="path-unwritable $path"
            [ -z "$(find "$leaf" -maxdepth 0 -empty)" ] || return 1
            fault=
            answer "note $path is not empty, so it stays"
        fi
    else
        go_to "$path" || return 1
        fault="path-unwritable $path"
        # The owner is put back where we gave it away; version 0.1 did not.
        case $state/$original in
            *:*/*:*) chown -- "${original#*:}" . || return 1 ;;
        esac
        chmod "${original%%:*}" . || return 1
        fault=
    fi
}

undo_service() {
    name=$path
    # Nobody reads any more what was due.
    rm -rf -- "$journal/due/$name"
    is_known_service || return 0
    case $original in
        *enabled*) enable_service ;;
        *) disable_service ;;
    esac
    case $original in
        *active*)
            if is_active; then reload_service; else start_service; fi
            tries=0
            until is_active; do
                tries=$((tries + 1))
                if [ "$tries" -ge 40 ]; then
                    fault="service-start $name"
                    return 1
                fi
                sleep 0.25
            done
            ;;
        *) stop_service ;;
    esac
}

# Whether there still is such a service.
is_known_service() {
    if has_systemd; then
        [ "$(timeout 20 systemctl show -p LoadState --value "$name.service")" != not-found ]
    else
        [ -x "/etc/init.d/$name" ]
    fi
}

disable_service() {
    if has_systemd; then
        timeout 60 systemctl --quiet disable "$name.service"
    else
        update-rc.d "$name" disable
    fi
}

undo_entry() {
    [ -f "$journal/entries/$key/record" ] || return 0
    # The entry before may have given a folder back.
    forget_sure
    read -r _ kind original state notify path <"$journal/entries/$key/record"
    case $kind in
        file | link) undo_path && rm -f -- "$journal"/due/*/"$key".* ;;
        directory) undo_directory ;;
        service) undo_service ;;
        command) undo_command ;;
        *) false ;;
    esac || return 1
    # At once, so that no half of it is ever read.
    rm -rf -- "$journal/entries/.$key"
    mv -T -- "$journal/entries/$key" "$journal/entries/.$key" && rm -rf -- "$journal/entries/.$key"
}
