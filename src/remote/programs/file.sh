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
    if ! arrive || ! remember absent 755; then
        return 1
    elif ! mkdir -- "$leaf"; then
        fault="path-unwritable $1"
        return 1
    fi
    key=$parent_key kind=$parent_kind notify=$parent_notify path=$parent_path
}

# Goes to where `path` is, whose folder is made where there is none.
arrive_anew() {
    folder=${path%/*}
    make_parents "${folder:-/}" && arrive
}

# Keeps what stood there until the service, or the check of what is in its place, has taken the change; of what neither
# looks at, nothing has to be put back.
keep_until_taken() {
    kept_in=
    if [ "$notify" != - ]; then
        kept_in=$journal/due/$notify
        printf '%s\n' "$index" >"$scratch/index.$key"
    elif [ "$moment" = in-place ]; then
        kept_in=$scratch/kept
    fi
    [ -z "$kept_in" ] || keep_previous "$kept_in"
}

forget_kept() {
    [ -z "$kept_in" ] || forget_previous "$key" "$kept_in"
}

# Renames `candidate`, whose state is $1, into place. The marker that a reload is due comes first, so that no death
# forgets it.
put_in_place() {
    keep_until_taken && announce_state "$1" || return 1
    if ! move_candidate; then
        forget_kept
        fault="path-unwritable $path"
        return 1
    fi
    case $path in
        */systemd/system/*) units_changed=1 ;;
    esac
    sync .
}

# In `path`: `index`, `mode`, `ownership`, `sum`, `notify`, and the `check` with its `moment`; the content is in the data under
# `index` where it is `sent`, else it `stands` there already, by what `origin` says. A mode behind `=` is wanted of an old
# file, too.
write_file() {
    arrive_anew || return 1
    if [ -d "$leaf" ] && [ ! -L "$leaf" ]; then
        fault="path-is-directory $path"
        return 1
    elif [ -e "$leaf" ] && [ ! -f "$leaf" ]; then
        fault="path-blocked $path"
        return 1
    fi
    # What is not in the journal is not taken away by a reset.
    find_owner && find_room && remember_path && make_candidate || return 1
    stood=none
    [ ! -e "$leaf" ] || stood=old
    if ! { fill_candidate && validate_candidate && put_in_place "$sum"; }; then
        drop_candidate
        return 1
    fi
    # Some services read their files as a whole: the candidate is tried in its place, and they run with the old ones.
    if [ "$moment" = in-place ] && ! accepts_files; then
        put_back "$key" "$kept_in"
        forget_kept
        answer "rolled-back $index"
        explain_check
        return 1
    fi
    [ "$notify" != - ] || forget_kept
    record_announced
}

fill_candidate() {
    # An old file keeps its owner and mode where no other is wanted, unless others could not read it although they must.
    exact=
    case $mode in
        =*) exact=1 mode=${mode#=} ;;
    esac
    old=
    fault="path-unwritable $path"
    [ ! -e "$leaf" ] || old=$(stat -c '%F %u:%g %a' -- "$leaf") || return 1
    fault=
    case $old in
        regular*)
            old_mode=${old##* }
            old=${old% *}
            chown -h "${old##* }" -- "$candidate"
            if [ -n "$exact" ]; then
                :
            elif [ $((0$mode & 4)) -eq 0 ] || [ $((0$old_mode & 4)) -ne 0 ]; then
                mode=$old_mode
            fi
            ;;
    esac
    if ! give_away "$candidate" || ! take_content >"$candidate" ||
        ! chmod "$mode" -- "$candidate" || ! sync "$candidate"; then
        fault="path-unwritable $path"
        return 1
    fi
    candidate_sum=$(sha256sum <"$candidate")
    if [ "${candidate_sum%% *}" != "$sum" ]; then
        fault="path-unwritable $path"
        [ "$origin" = sent ] || fault="path-changed $path"
        return 1
    fi
}

take_content() {
    if [ "$origin" = stands ]; then
        read_leaf
    else
        sed -n "s/^$index //p" "$scratch/data" | base64 -d
    fi
}

validate_candidate() {
    case $moment in
        before | shell) ;;
        *) return 0 ;;
    esac
    accepts_files "$candidate" || {
        explain_check "$path"
        return 1
    }
}

# In `path`: `notify`, and `target`.
make_link() {
    arrive_anew || return 1
    if [ -d "$leaf" ] && [ ! -L "$leaf" ]; then
        fault="path-is-directory $path"
        return 1
    fi
    find_room && remember_path && make_candidate || return 1
    state=$(printf '%s' "$target" | base64 -w 0)
    if ! { link_candidate && put_in_place "$state"; }; then
        drop_candidate
        return 1
    fi
    [ "$notify" != - ] || forget_kept
    record_announced
}

link_candidate() {
    if ! ln -sfT -- "$target" "$candidate"; then
        fault="path-unwritable $path"
        return 1
    fi
}

# In `path`: `mode`, `-` where any will do, and `ownership`.
make_directory() {
    arrive_anew || return 1
    if [ -L "$leaf" ] || { [ -e "$leaf" ] && [ ! -d "$leaf" ]; }; then
        fault="path-blocked $path"
        return 1
    fi
    find_owner || return 1
    found=absent
    if [ -d "$leaf" ]; then
        found=$(stat -c %a:%u:%g -- "$leaf")
        [ "$mode" != - ] || mode=${found%%:*}
    fi
    [ "$mode" != - ] || mode=755
    # Before anything is changed: what we do not remember, nobody takes back.
    state=$mode${owner:+:$owner}
    remember "$found" "$state" && record_state "$state" || return 1
    if ! mkdir -p -- "$leaf" || ! go_to "$path" || ! give_away . || ! chmod "$mode" .; then
        fault=${fault:-path-unwritable $path}
        return 1
    fi
}
