# The host's journal: what stood there before us, what we put there, which reloads are due. Its layout is described in
# journal.rs. Callers set `journal` (its folder), `scratch` (a folder that only root sees) and, for the current step,
# `key`, `kind`, `notify` and `path`, at whose place they have arrived, and `maker`, the inventory that wants it; a function
# that fails says why in `fault`.
# shellcheck disable=SC2154,SC2034

open_journal() {
    if ! mkdir -p "$journal/entries" "$journal/due" || ! chmod 700 "$journal"; then
        fault=journal-unwritable
        return 1
    fi
}

# Makes the entry of the current step, once and whole. $1: what stood there, in the words of journal.rs; where it is
# `kept`, a copy is taken. $2: what is going to stand there, where it is ours by its name alone.
remember() {
    # A word is missing where the program failed that finds it out.
    fault=journal-unwritable
    [ -n "$key" ] && [ -n "$1" ] || return 1
    entry=$journal/entries/$key
    if is_record "$entry/record"; then
        claim "$entry" || return 1
        fault=
        return 0
    elif [ -e "$entry/original" ] || [ -L "$entry/original" ]; then
        # The record was lost, and not what stood there before us.
        make_record "$entry" kept && sync "$entry/.record" && mv -T -- "$entry/.record" "$entry/record" && claim "$entry" ||
            return 1
        fault=
        return 0
    fi
    rm -rf -- "$entry" "$journal/entries/.$key"
    entry=$journal/entries/.$key
    mkdir "$entry" || return 1
    if [ "$1" = kept ]; then
        cp -a -- "$leaf" "$entry/original" || return 1
    fi
    make_record "$entry" "$1" "${2-}" && mv -T -- "$entry/.record" "$entry/record" || return 1
    [ -z "$maker" ] || printf '%s\n' "$maker" >"$entry/inventory" || return 1
    # A link has no content.
    if [ -f "$entry/original" ] && [ ! -L "$entry/original" ]; then
        sync "$entry/record" "$entry/original"
    else
        sync "$entry/record"
    fi && mv -T -- "$entry" "$journal/entries/$key" || return 1
    fault=
}

# Makes a record of the current step beside that of entry $1: what stood there is $2, and what is going to, $3.
make_record() {
    printf '%s %s %s %s %s %s\n' "$key" "$kind" "$2" "${3:--}" "$notify" "$path" >"$1/.record"
}

# Notes in entry $1 whose it is.
claim() {
    claimed=
    { IFS= read -r claimed <"$1/inventory"; } 2>/dev/null
    [ -z "$maker" ] || [ "$claimed" = "$maker" ] || {
        printf '%s\n' "$maker" >"$1/.inventory" && mv -T -- "$1/.inventory" "$1/inventory"
    }
}

remember_path() {
    if [ -e "$leaf" ] || [ -L "$leaf" ]; then
        remember kept
    else
        remember absent
    fi
}

# Notes beside the entry what is going to stand there, so that it is ours whatever comes between.
announce_state() {
    fault=journal-unwritable
    [ -n "$1" ] && printf '%s\n' "$1" >"$journal/entries/$key/next" && sync "$journal/entries/$key/next" || return 1
    fault=
}

record_announced() {
    IFS= read -r announced <"$journal/entries/$key/next" && record_state "$announced" && rm -f -- "$journal/entries/$key/next"
}

# Prints the state of what stands at `leaf`; nothing where it is neither a file nor a link.
standing_state() {
    if [ -L "$leaf" ]; then
        readlink -n -- "$leaf" | base64 -w 0
    elif [ -f "$leaf" ]; then
        read_leaf | sha256sum | cut -d ' ' -f 1
    fi
}

# Records what a run that died had put in place.
adopt_announced() {
    rm -f -- "$journal"/entries/*/.record
    for entry in "$journal"/entries/*/; do
        { [ -f "$entry/next" ] && is_record "$entry/record"; } || continue
        IFS= read -r state <"$entry/next"
        read -r key kind _ _ notify path <"$entry/record"
        if arrive && [ "$(standing_state)" = "$state" ]; then
            record_announced
        else
            rm -f -- "$journal/entries/$key/next"
        fi
    done
    cd / && fault=
}

# Prints what may stand there and is ours: what was recorded, what was announced, and what a service runs with that has
# not taken that yet.
own_states() {
    cat "$journal/entries/$key/next" 2>/dev/null
    sed -n 's/^[^ ]* [^ ]* [^ ]* \([^ ]*\) .*/\1/p' "$journal/entries/$key/record" "$journal"/due/*/"$key.record" 2>/dev/null
}

# Notes in the entry what now stands there.
record_state() {
    [ -n "$1" ] || return 1
    entry=$journal/entries/$key
    read -r _ _ entry_original entry_state _ <"$entry/record" || return 1
    [ "$entry_state" != "$1" ] || return 0
    make_record "$entry" "$entry_original" "$1" && mv -T -- "$entry/.record" "$entry/record"
}

# Keeps what stands at `path` in folder $1, to be put back if the service that reads it does not take the change. A copy
# that is there already is from a run that died: the service still runs with that one.
keep_previous() {
    [ ! -e "$1/$key.path" ] || return 0
    fault=journal-unwritable
    mkdir -p "$1" && rm -f -- "$1/$key.previous" || return 1
    if [ -e "$leaf" ] || [ -L "$leaf" ]; then
        cp -a -- "$leaf" "$1/$key.previous" || return 1
        [ -L "$leaf" ] || sync "$1/$key.previous" || return 1
    fi
    cp -- "$journal/entries/$key/record" "$1/$key.record" || return 1
    printf '%s\n' "$path" >"$1/.path" && sync "$1/.path" && mv -T -- "$1/.path" "$1/$key.path" || return 1
    sync "$1"
    fault=
}

# Puts back what `keep_previous` kept in folder $2 under key $1.
put_back() {
    put_path=$path put_fault=$fault
    IFS= read -r path <"$2/$1.path" && arrive || return 1
    if [ -e "$2/$1.previous" ] || [ -L "$2/$1.previous" ]; then
        put_copy "$2/$1.previous" || return 1
    else
        rm -f -- "$leaf" || return 1
    fi
    path=$put_path fault=$put_fault
    cp -- "$2/$1.record" "$journal/entries/$1/.record" &&
        mv -T -- "$journal/entries/$1/.record" "$journal/entries/$1/record" && rm -f -- "$journal/entries/$1/next"
}

# Drops what `keep_previous` kept, of one key.
forget_previous() {
    rm -f -- "$2/$1.path" "$2/$1.previous" "$2/$1.record"
    rmdir -- "$2" 2>/dev/null
    return 0
}
