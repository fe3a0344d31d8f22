# What is odd about paths, in the programs that look: what cannot be written, and what runs that died left. Follows room.sh.
# shellcheck disable=SC2154 # from paths.sh

tell_odd() {
    [ "$me" != 0 ] || tell_unwritable
    tell_left
}

# Answers what root itself cannot write of the way to each path, since its file system is read-only, or it may not be
# changed, or only be added to. What is not root's may only not be given to this root.
tell_unwritable() {
    index=0
    set --
    while [ "$index" -lt "$count" ]; do
        eval "path=\$path_$index"
        held=$path
        if [ ! -d "$path" ] || [ -L "$path" ]; then
            held=${path%/*}
            until [ -e "${held:-/}" ]; do held=${held%/*}; done
            if [ -f "$path" ] && [ ! -L "$path" ]; then
                set -- "$@" "$path"
                if [ ! -w "$path" ] && [ "$(stat -c %u -- "$path")" = 0 ]; then
                    held=$path
                fi
            fi
        fi
        set -- "$@" "${held:-/}"
        eval "held_$index=\${held:-/}"
        index=$((index + 1))
    done
    added_to=$newline$(lsattr -d -- "$@" 2>/dev/null | sed -n 's/^[^ ]*a[^ ]*  *//p')$newline
    index=0
    while [ "$index" -lt "$count" ]; do
        eval "path=\$path_$index held=\$held_$index"
        case $added_to in
            *"$newline$path$newline"*) answer "unwritable $index $path" ;;
            *"$newline$held$newline"*) answer "unwritable $index $held" ;;
            *) [ -w "$held" ] || answer "unwritable $index $held" ;;
        esac
        index=$((index + 1))
    done
}

# Answers `left` for a path where a run that died left what was to take its place, once for each such folder. What a run
# under way has there is none.
tell_left() {
    [ "$last_run" != 'under way' ] || return 0
    index=0 rooms=$newline
    while [ "$index" -lt "$count" ]; do
        eval "path=\$path_$index"
        room=$(arrive && choose_room && printf '%s\n' "${room%/}/")
        case $rooms in *"$newline$room$newline"*) room= ;; esac
        rooms=$rooms$room$newline
        for left in "$room".provision.*; do
            if [ -n "$room" ] && [ -e "$left" ]; then
                answer "left $index"
                break
            fi
        done
        index=$((index + 1))
    done
}
