# The guards of commands: by what it is seen that one need not be run.
# shellcheck disable=SC2154,SC2034

# Sets `guard` to `holds`, `open`, or `silent` where it did not end in time. $1 is its kind; the file $2 has a text for sh
# (`unless`) or a path (`creates`). What is missing on the host has not been done.
ask_guard() {
    guard=open
    if [ "$1" = creates ]; then
        IFS= read -r created <"$2"
        if [ -e "$created" ] || [ -L "$created" ]; then
            guard=holds
        fi
        return 0
    fi
    run_apart 10 /dev/null sh "$2"
    if [ -n "$late" ]; then
        guard=silent
    elif [ "$status" -eq 0 ]; then
        guard=holds
        end_session "$session"
    fi
}

# Answers `guard INDEX STATE` for each of $@, a `KIND:TEXT` with the text in base64.
tell_guards() {
    scratch=$(mktemp -d "$run_root/provision.$$.XXXXXX") || return 0
    guard_index=0
    for asked in "$@"; do
        printf '%s' "${asked#*:}" | base64 -d >"$scratch/guard"
        ask_guard "${asked%%:*}" "$scratch/guard"
        answer "guard $guard_index $guard"
        guard_index=$((guard_index + 1))
    done
    rm -rf -- "$scratch"
}
