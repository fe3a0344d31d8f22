# The check of a service's files, by the command whose words are in `check`, and whose fault it is where it fails.
#
# Callers set `journal`, `path` and the `moment` of the check; a function that fails says why in `fault`.
# shellcheck disable=SC2154,SC2034

# Whether the service could start with its files as they are; else `said` has the words of the command, and `blamed` the
# file that it names, where it does. Where one includes another, that is the last.
accepts_files() {
    check_words=$(printf '%s' "$check" | base64 -d)
    if [ "$moment" = shell ]; then
        accepts_text "$1"
        return
    fi
    # shellcheck disable=SC2086 # the words of a command
    if said=$(cd / && PATH=$(packaged):$PATH timeout 60 $check_words "$@" 2>&1); then
        return 0
    fi
    printf '%s\n' "$said"
    blamed=$(printf '%s\n' "$said" | sed -nE 's/.* error on line [0-9]+ of (\/[^:]*):.*/\1/p' | head -n 1)
    return 1
}

# The same of a text for sh, in which `{file}` stands for $1.
accepts_text() {
    # shellcheck disable=SC2016 # the text itself expands it
    case $1 in
        *[!A-Za-z0-9/._-]*) set -- "$1" '"$1"' ;;
        *) set -- "$1" "$1" ;;
    esac
    printf '%s\n' "$check_words" | sed "s|{file}|$2|g" >"$scratch/check"
    run_heard 60 "$scratch/said" sh "$scratch/check" "$1"
    [ "$status" -ne 0 ] || return 0
    said=$(last_lines "$scratch/said" 12)
    # The candidate has another name each time, which means nothing to anybody. No path holds what stands between these.
    between=$(printf '\001')
    candidate_pattern=$(printf '%s' "$1" | sed 's/[^^]/[&]/g;s/\^/\\^/g')
    path_words=$(printf '%s' "$path" | sed 's/[&\]/\\&/g')
    said=$(printf '%s\n' "$said" | sed "s$between$candidate_pattern$between$path_words${between}g")
    [ -z "$late" ] || said="$said it took longer than 60 s"
    printf '%s\n' "$said"
    blamed=
    return 1
}

# Prints the lines that speak of trouble.
worst_lines() {
    grep -iE 'error|alert|cannot|could not bind|no such|denied|unable' "$@"
}

# Prints the line of `said` that tells why; one that ends in a colon with the next. What is said of every failure tells
# nothing.
reason() {
    if [ "$moment" = shell ]; then
        printf '%s\n' "$said" | tail -n 3 | paste -sd ' ' | tail -c 400
        return
    fi
    telling=$(printf '%s\n' "$said" | grep -vE '^Action .* failed\.$|error log may have more information')
    { printf '%s\n' "$telling" | worst_lines -m 1 -A 1 || printf '%s\n' "$telling"; } |
        sed -n '1{/:$/{$!N;s/\n/ /;};p;q;}' | head -c 400
}

# The same without what differs from one look to the next.
plain_reason() {
    reason | sed 's/\[[^]]*\]//g;s/[0-9]//g'
}

# Whether a run of ours put $1 there, by that name or by a link.
is_ours() {
    ours=$(cat "$journal"/entries/*/record 2>/dev/null | cut -d ' ' -f 6-)
    printf '%s\n' "$ours" | grep -qxF -e "$1" -e "$(readlink -f -- "$1")"
}

# Prints `PACKAGE FILE` where the check's words name a configuration file that its package brought and that is gone.
lost_file() {
    lost_from=$(dpkg-query -S "$(command -v "${check_words%% *}")" 2>/dev/null | sed -n '1s/[:,].*//p')
    [ -n "$lost_from" ] || return 0
    lost_conffiles "$lost_from" | while IFS= read -r lost; do
        case $said in
            *"$lost"*)
                printf '%s %s\n' "$lost_from" "$lost"
                break
                ;;
        esac
    done
}

# Says in `fault` that a file is at fault which is not ours, or gone, where the check's words show that.
blames_others() {
    quoted=$(reason | base64 -w 0)
    if [ -n "$blamed" ]; then
        ! is_ours "$blamed" || return 1
        fault="check-other $check $quoted $blamed"
        return 0
    fi
    lost=$(lost_file)
    [ -n "$lost" ] || return 1
    fault="check-lost $check $quoted $lost"
    # dpkg has it elsewhere, and would put it there again.
    ! [ -e "$(dpkg-divert --truename "${lost#* }" 2>/dev/null)" ] || fault="check-diverted $check $quoted ${lost#* }"
}

# Says in `fault` why a check did not take our file at `path`, of which `stood` says whether one was there before; $@ is
# what the check is given to look at that one. It is ours only if it goes without.
explain_check() {
    blames_others && return
    fault="check-refused $check $quoted $stood $path"
    if [ -z "$blamed" ] && { [ "$moment" = in-place ] || [ "$stood" = old ]; }; then
        why=$(plain_reason)
        if ! accepts_files "$@" >/dev/null && [ "$(plain_reason)" = "$why" ]; then
            fault="check-before $check $quoted $*"
        fi
    fi
}
