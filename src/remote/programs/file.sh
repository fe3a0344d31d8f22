# Files, links and directories: remembered, written beside, checked, renamed.
# shellcheck disable=SC2154,SC2034

# Makes a folder with those above it; each that was not there gets an entry of its own.
make_parents() {
    if [ -d "$1" ]; then
        return 0
    fi
    if [ -e "$1" ] || [ -L "$1" ]; then
        fault="path-blocked $1"
        return 1
    fi
    if [ -n "${1%/*}" ]; then
        make_parents "${1%/*}" || return 1
    fi
    parent_key=$key parent_kind=$kind parent_notify=$notify parent_path=$path
    key=$(printf 'directory:%s' "$1" | sha256sum)
    key=$(printf '%.16s' "$key") kind=directory notify=- path=$1
    if ! remember absent; then
        return 1
    elif ! mkdir -- "$1"; then
        fault="path-unwritable $1"
        return 1
    fi
    record_state 755
    key=$parent_key kind=$parent_kind notify=$parent_notify path=$parent_path
}

# Sets `folder`, and `candidate` to a new name in it. What a run that died left there is taken away: the lock is ours.
make_candidate() {
    folder=${path%/*}
    make_parents "${folder:-/}" || return 1
    rm -f -- "$folder"/.provision.*
    if ! candidate=$(mktemp "$folder/.provision.XXXXXX"); then
        fault="path-unwritable $folder"
        return 1
    fi
}

# Where what stood there is kept until the service has taken the change.
previous_folder() {
    if [ "$notify" = - ]; then
        kept_in=$scratch/kept
    else
        kept_in=$journal/due/$notify
    fi
    printf '%s\n' "$index" >"$scratch/index.$key"
}

# Renames `candidate` into place. The marker that a reload is due comes first, so that no death forgets it.
put_in_place() {
    previous_folder
    keep_previous "$kept_in" || return 1
    if ! mv -fT -- "$candidate" "$path"; then
        forget_previous "$key" "$kept_in"
        fault="path-unwritable $path"
        return 1
    fi
    sync "${folder:-/}"
}

# In `path`: `index`, `mode`, `sum`, `notify`, and the `check` with its `moment`; the content is in the data under `index`.
write_file() {
    if [ -d "$path" ] && [ ! -L "$path" ]; then
        fault="path-is-directory $path"
        return 1
    elif [ -e "$path" ] && [ ! -f "$path" ]; then
        fault="path-blocked $path"
        return 1
    fi
    make_candidate || return 1
    if ! { remember_path && fill_candidate && validate_candidate && put_in_place; }; then
        rm -f -- "$candidate"
        return 1
    fi
    # Some services read their files as a whole: the candidate is tried in its place, and they run with the old ones.
    if [ "$moment" = in-place ] && ! accepts_files; then
        put_back "$key" "$kept_in"
        forget_previous "$key" "$kept_in"
        answer "rolled-back $index"
        return 1
    fi
    [ "$notify" != - ] || forget_previous "$key" "$kept_in"
    record_state "$sum"
}

fill_candidate() {
    # An old file keeps its owner and mode, unless others could not read it although they must.
    if [ -f "$path" ] && [ ! -L "$path" ]; then
        old_mode=$(stat -c %a -- "$path")
        chown --reference="$path" -- "$candidate"
        if [ $((0$mode & 4)) -eq 0 ] || [ $((0$old_mode & 4)) -ne 0 ]; then
            mode=$old_mode
        fi
    fi
    if ! sed -n "s/^$index //p" "$scratch/data" | base64 -d >"$candidate" ||
        ! chmod "$mode" -- "$candidate" || ! sync "$candidate"; then
        fault="path-unwritable $path"
        return 1
    fi
    candidate_sum=$(sha256sum <"$candidate")
    if [ "${candidate_sum%% *}" != "$sum" ]; then
        fault="path-unwritable $path"
        return 1
    fi
}

validate_candidate() {
    [ "$moment" = before ] || return 0
    check_words=$(printf '%s' "$check" | base64 -d)
    # shellcheck disable=SC2086 # the words of a command
    if ! said=$(timeout 60 $check_words "$candidate" 2>&1); then
        printf '%s\n' "$said"
        fault="check-refused $check $path"
        return 1
    fi
}

# In `path`: `notify`, and `target`.
make_link() {
    if [ -d "$path" ] && [ ! -L "$path" ]; then
        fault="path-is-directory $path"
        return 1
    fi
    make_candidate && remember_path || return 1
    if ! ln -sfT -- "$target" "$candidate"; then
        fault="path-unwritable $path"
        return 1
    fi
    put_in_place || {
        rm -f -- "$candidate"
        return 1
    }
    [ "$notify" != - ] || forget_previous "$key" "$kept_in"
    record_state "$(printf '%s' "$target" | base64 -w 0)"
}

# In `path`: `mode`.
make_directory() {
    if [ -L "$path" ] || { [ -e "$path" ] && [ ! -d "$path" ]; }; then
        fault="path-blocked $path"
        return 1
    fi
    if [ -d "$path" ]; then
        remember "$(stat -c %a -- "$path")" || return 1
    else
        make_parents "${path%/*}" && remember absent || return 1
    fi
    if ! mkdir -p -- "$path" || ! chmod "$mode" -- "$path"; then
        fault="path-unwritable $path"
        return 1
    fi
    record_state "$mode"
}
