# Takes away packages that we added, in the programs that undo.
#
# Callers have configured apt; `journal` and `scratch` are the folders of the run. A function that fails says why in `fault`.
# shellcheck disable=SC2154,SC2034

# Writes to a file, without this machine's architecture, what apt would take away with $@; nothing where it would not.
purge_would_remove() {
    purge_told=$(apt-get -c "$scratch/apt.conf" -s purge "$@" 2>/dev/null) || purge_told=
    printf '%s\n' "$purge_told" | sed -n 's/^\(Remv\|Purg\) \([^ ]*\).*/\2/p' | sed "s/:$native\$//" | sort -u >"$scratch/removed"
}

# A purge takes configuration files with it, also those that somebody wrote or edited. Such files are kept in the
# journal meanwhile, in a folder that looks like the root of the host.
keep_edited() {
    fault=journal-unwritable
    # shellcheck disable=SC2016 # dpkg-query expands it
    ask_dpkg -W -f '${Conffiles}\n' -- "$@" || return 1
    printf '%s\n' "$told" >"$scratch/conffiles"
    mkdir -p "$journal/edited" || return 1
    while read -r path shipped _; do
        [ -f "$path" ] || continue
        arrive || return 1
        conffile_sum=$(read_leaf | md5sum)
        if [ "${conffile_sum%% *}" != "$shipped" ]; then
            fault=journal-unwritable
            mkdir -p -- "$journal/edited${path%/*}" && cp -aT -- "$leaf" "$journal/edited$path" &&
                sync "$journal/edited$path" || return 1
        fi
    done <"$scratch/conffiles"
    cd /
    sync "$journal/edited"
    fault=
}

put_edited_back() {
    [ -d "$journal/edited" ] || return 0
    forget_sure
    find "$journal/edited" ! -type d >"$scratch/edited"
    while IFS= read -r edited; do
        path=${edited#"$journal/edited"}
        restore_parents "${path%/*}" && arrive || return 1
        if [ -e "$leaf" ] || [ -L "$leaf" ]; then
            continue
        elif ! put_copy "$edited"; then
            fault="path-unwritable $path"
            return 1
        fi
        answer "note $path was written or changed by somebody, so it stays"
    done <"$scratch/edited"
    rm -rf -- "$journal/edited"
}

# Sets `found` to those of $@, as dpkg names them, that are installed, or of which something is left. Asked for a name alone it
# tells of that package of each architecture, of which others are none of ours.
find_known() {
    found=
    [ $# -gt 0 ] || return 0
    # shellcheck disable=SC2016 # dpkg-query expands it
    ask_dpkg -W -f '${db:Status-Status} ${binary:Package}\n' -- "$@" || return 1
    while read -r known_status known_name; do
        case "$known_status/ $* " in
            not-installed/*) ;;
            *" ${known_name:-/} "* | *" ${known_name%":$native"} "*) found="$found$known_name " ;;
        esac
    done <<END
$told
END
}

# Sets `present` to those of $@ that nothing else on the host needs, and writes to a file what apt would remove with them.
leave_needed() {
    present=$*
    printf '%s\n' "$@" | sed "s/:$native\$//" | sort -u >"$scratch/ours"
    purge_would_remove "$@"
    needed_by=$(comm -13 "$scratch/ours" "$scratch/removed" | tr '\n' ' ')
    [ -n "$needed_by" ] || return 0
    # All that these need, at any depth, stays.
    # shellcheck disable=SC2086 # a list of names
    apt-cache -c "$scratch/apt.conf" depends --recurse --installed --no-recommends --no-suggests --no-conflicts \
        --no-breaks --no-replaces --no-enhances $needed_by >"$scratch/apt.log" 2>&1 || {
        explain_apt
        return 1
    }
    sed -n "s/:$native\$//;/^[^ <]/p" "$scratch/apt.log" | sort -u | comm -12 "$scratch/ours" - >"$scratch/needed"
    answer "note ${needed_by% } on this host needs what stays: $(paste -sd ' ' "$scratch/needed")"
    present=$(comm -23 "$scratch/ours" "$scratch/needed" | tr '\n' ' ')
    [ -n "$present" ] || return 0
    # shellcheck disable=SC2086 # a list of names
    purge_would_remove $present
    [ -z "$(comm -13 "$scratch/ours" "$scratch/removed")" ] || present=
}

# Keeps in list $1 of the journal which folders of state the packages behind it have. Their scripts and systemd leave
# empty ones, with what it mounted onto.
note_folders() {
    fault=journal-unwritable
    noted=$journal/$1
    shift
    dpkg-query -L -- "$@" 2>/dev/null | grep '^/var/lib/.' | sort -u >>"$noted" || [ "$?" -eq 1 ] || return 1
    fault=
}

# Whether path $1 is no package's, which dpkg-query tells by ending with 1.
is_nobodys() {
    dpkg-query -S "$1" >/dev/null 2>&1
    [ $? -eq 1 ]
}

# Takes away what is empty of those in list $1 that are no package's now.
drop_folders() {
    [ -e "$journal/$1" ] || return 0
    while IFS= read -r folder; do
        [ -d "$folder" ] && [ ! -L "$folder" ] && is_nobodys "$folder" &&
            find "$folder" -xdev -depth -user root \( -type d -o -type f \) -empty -delete
    done <"$journal/$1"
    return 0
}

# Keeps in the journal what those of $@ hold that dpkg was cut off in unpacking: it knows of no file of them.
note_unpacked() {
    fault=journal-unwritable
    for package in $broken; do
        # shellcheck disable=SC2016 # dpkg-query expands it
        case " $* /$(dpkg-query -W -f '${db:Status-Status}\n' -- "$package" 2>/dev/null)" in
            *" $package "*/half-installed | *" $package:"*/half-installed)
                for archive in /var/cache/apt/archives/"$package"_*.deb; do
                    dpkg-deb --fsys-tarfile "$archive" 2>/dev/null | tar -t 2>/dev/null | sed 's|^\./|/|;s|/$||'
                    note_whole "$archive" || return 1
                done
                ;;
        esac
    done >>"$journal/unpacked" || return 1
    fault=
    # What configures the others would take what it sees there for theirs.
    drop_unpacked
}

# Keeps in the journal which files stand as archive $1 has them: those that dpkg had put in place already.
note_whole() {
    dpkg-deb --fsys-tarfile "$1" 2>/dev/null | tar -t 2>/dev/null | grep -v '/$' | sort >"$scratch/listed"
    dpkg-deb --fsys-tarfile "$1" 2>/dev/null | LC_ALL=C tar -d -C / 2>&1 |
        sed -n 's|^\(tar: \)\{0,1\}\(\./[^:]*\): .*|\2|p' | sort -u | comm -23 "$scratch/listed" - |
        sed 's|^\.||' >>"$journal/unpacked-whole"
}

# Prints those of the paths on stdin that are no package's.
without_package() {
    xargs -d '\n' -r dpkg-query -S -- 2>&1 >/dev/null | sed -n 's/^dpkg-query: no path found matching pattern //p'
}

drop_unpacked() {
    [ -e "$journal/unpacked" ] || return 0
    [ ! -e "$journal/unpacked-whole" ] || without_package <"$journal/unpacked-whole" | xargs -d '\n' -r rm -f --
    sort -ru "$journal/unpacked" | while IFS= read -r unpacked; do
        rm -f -- "$unpacked.dpkg-new" "$unpacked.dpkg-tmp"
        [ ! -d "$unpacked/." ] || ! is_nobodys "$unpacked" || rmdir -- "$unpacked" 2>/dev/null
    done
    return 0
}

# Prints those of $@ of which a configuration was left before us.
left_before() {
    [ -e "$journal/entries/packages/left" ] || return 0
    left_names=$newline$(cat -- "$journal/entries/packages/left")$newline || return 1
    for left_name in "$@"; do
        case $left_names in
            *"$newline$left_name$newline"* | *"$newline${left_name%":$native"}$newline"*) printf '%s ' "$left_name" ;;
        esac
    done
}

# Has apt take away `purged` with their configuration, and `kept` without.
# shellcheck disable=SC2086 # lists of names
take_away() {
    { [ -z "$kept" ] || run_apt 1800 remove $kept; } && { [ -z "$purged" ] || run_apt 1800 purge $purged; }
}

# Has dpkg do with the packages behind $1 what apt leaves, of what an earlier purge left half removed: with all of them, or
# none; it removes nothing else.
force_away() {
    [ $# -gt 1 ] || return 0
    timeout 600 dpkg --no-act --force-remove-reinstreq "$@" >"$scratch/apt.log" 2>&1 </dev/null &&
        timeout 1800 dpkg --force-remove-reinstreq "$@" >"$scratch/apt.log" 2>&1 </dev/null
}

# Purges those of $@ that nothing else on the host needs, and takes them out of the journal.
purge_packages() {
    find_native || return 1
    wait_for_apt || return 1
    # A purge that was cut short goes on where it stopped.
    broken=$(broken_packages | tr '\n' ' ')
    if [ -n "$broken" ]; then
        progress "finishing what dpkg left half-done: $broken"
        note_unpacked "$@" || return 1
        configure_all
    fi
    find_known "$@" || return 1
    # shellcheck disable=SC2086 # a list of names
    [ -z "$found" ] || { leave_needed $found && find_known $present; } || return 1
    present=$found
    if [ -n "$present" ]; then
        fault=journal-unwritable
        # shellcheck disable=SC2086 # a list of names
        kept=$(left_before $present) || return 1
        # shellcheck disable=SC2086 # lists of names
        purged=$(printf '%s\n' $present | lines_without $kept | tr '\n' ' ')
        # shellcheck disable=SC2086 # a list of names
        keep_edited $present && note_folders folders $purged || return 1
        if [ -s "$scratch/removed" ] && ! take_away; then
            explain_apt
            case $fault in
                apt-interrupted | apt-unmet* | apt-dpkg* | apt-stays* | apt-failed*) configure_all ;;
                apt-hook*) answer "aside $fault" ;;
                *) return 1 ;;
            esac
        fi
        # What apt leaves, dpkg takes, where nothing else needs it.
        # shellcheck disable=SC2086 # lists of names
        find_known $purged || return 1
        purged=$found
        # shellcheck disable=SC2086 # lists of names
        if ! force_away --remove $kept || ! force_away --purge $purged; then
            explain_apt
            return 1
        fi
        fault=
    fi
    drop_folders folders
    drop_unpacked
    put_edited_back || return 1
    entry=$journal/entries/packages
    for listing in removed left; do
        if [ -f "$entry/$listing" ]; then
            replace_list "$listing" "$(lines_without "$@" <"$entry/$listing")" || return 1
        fi
    done
    unrecord "$@" && forget_roots "$@"
}

# Takes $@ out of the record of what we added.
unrecord() {
    entry=$journal/entries/packages
    if [ -f "$entry/record" ]; then
        read -r _ _ _ _ _ known <"$entry/record" || return 1
        left=
        for recorded in $known; do
            case " $* " in *" $recorded "*) ;; *) left="$left $recorded" ;; esac
        done
        if [ -n "$left" ]; then
            write_packages "${left# }" || return 1
        else
            rm -f -- "$entry/record"
        fi
    fi
}

# Nobody asks for $@ any more. This comes last: until then, an interrupted run is made again.
forget_roots() {
    entry=$journal/entries/packages
    replace_list roots "$(root_packages | lines_without "$@")" || return 1
    if [ -f "$entry/remains" ]; then
        replace_list remains "$(lines_without "$@" <"$entry/remains")" || return 1
    fi
    [ -f "$entry/record" ] || [ -s "$entry/removed" ] || rm -rf -- "$entry"
}
