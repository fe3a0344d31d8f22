# Tells what stands at paths and what the journal says of them, in the programs that look at a host.
# shellcheck disable=SC2154,SC2034 # from place.sh; read through eval

# Reads `HASH PATH` … `.` from stdin. Paths are numbered as they come; the numbers below name them. Folders are noted
# with all that are above them. Sets `odd` where odd.sh has more to tell.
read_paths() {
    index=0
    folders=$newline places=$newline
    set --
    while IFS= read -r line && [ "$line" != . ]; do
        path=${line#* }
        want=${line%% *}
        eval "path_$index=\$path want_$index=\$want"
        index=$((index + 1))
        places=$places$path$newline
        folder=${path%/*}
        while [ -n "$folder" ]; do
            case $folders in *"$newline$folder$newline"*) break ;; esac
            folders=$folders$folder$newline
            set -- "$@" "$folder"
            folder=${folder%/*}
        done
    done
    count=$index
    odd=
    for folder in "$@" ''; do
        if [ -n "$folder" ]; then
            shift
            if [ -e "$folder" ] || [ -L "$folder" ]; then
                set -- "$@" "$folder"
            fi
        fi
        [ ! -e "$folder/." ] || [ -w "$folder/." ] || odd=1
        for left in "$folder"/.provision.*; do
            [ ! -e "$left" ] || odd=1
        done
    done
    # Where somebody else could put a link, each path is looked at by itself, else all at once.
    closely=
    if [ $# -gt 0 ]; then
        folders=$(stat -c "$look" -- "$@" 2>/dev/null) && are_sure "$folders" || closely=1
    fi
}

# Reads the names of commands … `.` from stdin. None begins as a path does.
read_commands() {
    while IFS= read -r line && [ "$line" != . ]; do
        places=$places$line$newline
    done
}

# Answers what is in the file $1 at `index`, where that is not as wanted; the rest of $@ prints it.
tell_content() {
    eval "want=\$want_$index"
    if [ "$want" != - ] && [ "$want" != "$sum" ] && [ "$(stat -c %s -- "$1")" -le 262144 ]; then
        shift
        answer "content $index $("$@" | head -c 262144 | base64 -w 0)"
    fi
}

# Answers where the link $1 at `index` leads: in base64, or behind `=` as it is, where any line can hold that.
tell_link() {
    target=$(readlink -n -- "$1" && echo .)
    [ "${#target}" -gt 1 ] || refuse look-failed readlink
    target=${target%.}
    case $target in
        *[!A-Za-z0-9/._-]*)
            target=$(printf '%s' "$target" | base64 -w 0)
            [ -n "$target" ] || refuse look-failed base64
            ;;
        *) target="=$target" ;;
    esac
    answer "link $index $target"
}

# Answers `dangling` where a link above the path leads to what is not there: a disk that is not mounted, as a rule.
tell_dangling() {
    folder=${path%/*}
    until [ -e "${folder:-/}" ]; do
        [ ! -L "$folder" ] || answer "dangling $index $folder -> $(readlink -m -- "$folder")"
        folder=${folder%/*}
    done
}

# Tells of one path by itself, with no link of others on the way.
look_closely() {
    if [ ! -e "$path" ] && [ ! -L "$path" ]; then
        tell_dangling
        return
    elif ! arrive; then
        answer "astray $index"
    elif [ -L "$leaf" ] || [ -e "$leaf" ]; then
        answer "present $index"
        stats=$(stat -c '%f %U:%G %s' -- "$leaf") || refuse look-failed stat
        answer "stat $stats"
        if [ -L "$leaf" ]; then
            tell_link "$leaf"
        elif [ -f "$leaf" ]; then
            sum=$(read_leaf | sha256sum)
            sum=${sum%% *}
            [ -n "$sum" ] || refuse look-failed sha256sum
            answer "sum $index $sum"
            tell_content "$leaf" read_leaf
        fi
    fi
    cd /
}

# Answers `present`, `stat`, `sum`, `content`, `link`, `astray` and `dangling` for what stands at them. Where a program fails that
# finds it out, all ends here: what is not known is not told as if it were otherwise.
tell_paths() {
    present='' regular='' linked='' index=0
    set --
    while [ "$index" -lt "$count" ]; do
        eval "path=\$path_$index"
        [ ! -e "$path" ] || [ -w "$path" ] || odd=1
        if [ -n "$closely" ]; then
            look_closely
        elif [ -L "$path" ] || [ -e "$path" ]; then
            present="$present $index"
            set -- "$@" "$path"
            if [ -L "$path" ]; then
                linked="$linked $index"
            elif [ -f "$path" ]; then
                regular="$regular $index"
            fi
        fi
        index=$((index + 1))
    done
    answer "present$present"
    if [ $# -gt 0 ]; then
        stats=$(stat -c '%f %U:%G %s' -- "$@") || refuse look-failed stat
        while IFS= read -r line; do
            answer "stat $line"
        done <<END
$stats
END
    fi

    set --
    for index in $regular; do
        eval "set -- \"\$@\" \"\$path_$index\""
    done
    if [ $# -gt 0 ]; then
        sums=$(sha256sum -- "$@") || refuse look-failed sha256sum
        for index in $regular; do
            sum=${sums%% *}
            sum=${sum#\\}
            sums=${sums#*"$newline"}
            answer "sum $index $sum"
            eval "path=\$path_$index"
            tell_content "$path" cat -- "$path"
        done
    fi
    for index in $linked; do
        eval "path=\$path_$index"
        tell_link "$path"
    done
}

# Sets `unwanted` to the keys of what the journal of this host holds that `maker` made, or nobody knows who, and that is
# not in `places` or `named`, the services that are wanted; and `unwanted_roots` likewise to packages that are not among
# $@. Answers `root` for all that are not, and `remains` for all, `-` where nobody said.
find_unwanted() {
    unwanted='' unwanted_roots='' staying=$*
    for record in "$journal"/entries/*/record; do
        is_record "$record" || continue
        read -r key kind _ _ _ path <"$record"
        case $kind in
            file | link | directory | command) case $places in *"$newline$path$newline"*) continue ;; esac ;;
            service) case " $named " in *" $path "*) continue ;; esac ;;
            *) continue ;;
        esac
        maker_of=$maker
        { read -r maker_of _ <"${record%/record}/inventory"; } 2>/dev/null
        [ "${maker_of%% *}" != "${maker%% *}" ] || unwanted="$unwanted $key"
    done
    added=
    { read -r _ _ _ _ _ added <"$journal/entries/packages/record"; } 2>/dev/null
    roots=$(root_packages)
    said=' '
    {
        while IFS= read -r line; do
            said="$said${line%% *} "
            answer "remains $line"
        done <"$journal/entries/packages/remains"
    } 2>/dev/null
    while read -r root maker_of; do
        [ -n "$root" ] || continue
        case " $added " in *" $root "* | *" $root:"*) ;; *) [ -e "$journal/new-packages" ] || continue ;; esac
        case $said in *" $root "*) ;; *) answer "remains $root -" ;; esac
        case " $* " in *" $root "*) continue ;; esac
        answer "root $root $maker_of"
        maker_of=${maker_of:-$maker}
        if [ "${maker_of%% *}" = "${maker%% *}" ]; then
            unwanted_roots="$unwanted_roots $root"
        else
            staying="$staying $root"
        fi
    done <<END
$roots
END
}

# Answers what the journal holds, and which run was the last.
tell_journal() {
    for record in "$journal"/entries/*/record; do
        if is_record "$record"; then
            answer "journal $record_line"
            { IFS= read -r line <"${record%/record}/inventory" && answer "maker $line"; } 2>/dev/null
        fi
    done
    if [ -e "$journal/entries/packages/record" ] && ! is_record "$journal/entries/packages/record"; then
        refuse journal-damaged "$journal/entries/packages"
    fi
    for due in "$journal"/due/*; do
        [ ! -d "$due" ] || answer "due ${due##*/}"
    done

    last_run=
    { IFS= read -r last_run <"$run_root/provision.lock"; } 2>/dev/null
    # What is seen while a run is under way is worth nothing after it.
    [ -z "$last_run" ] || ! kill -0 "${last_run%% *}" 2>/dev/null || last_run='under way'
    answer "last-run $last_run"
}
