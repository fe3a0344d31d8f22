# What apt tells while it works, and what others have it run meanwhile. For apt.sh.
# shellcheck disable=SC2154,SC2034

# Tells what apt does and what its method wants, line by line.
follow_apt() {
    apt_said=
    while IFS= read -r apt_line; do
        case $apt_line in
            want:*)
                answer "want $apt_fresh ${apt_line#want:}"
                continue
                ;;
            pmstatus:*) apt_line=${apt_line##*:} ;;
            dlstatus:*)
                # The time that remains changes with every look, and is a guess.
                apt_line=${apt_line##*:}
                apt_line="$apt_subject: ${apt_line% (*}"
                ;;
            *) continue ;;
        esac
        if [ "$apt_line" != "$apt_said" ]; then
            apt_said=$apt_line
            progress "$apt_line"
        fi
    done
    [ ! -p "$scratch/taken" ] || echo ended 1<>"$scratch/taken"
}

# Prints `PID COMMAND` of what apt-get runs besides dpkg, its own methods and what notes for us; it makes a copy of itself
# for each.
running_hook() {
    set -- "$apt_process"
    while [ $# -gt 0 ]; do
        apt_children=$(for apt_child in "$@"; do cat "/proc/$apt_child/task/$apt_child/children"; done)
        # shellcheck disable=SC2086 # a list of numbers
        set -- $apt_children
        apt_children=
        for apt_child in "$@"; do
            apt_words=$(tr '\0\n' '  ' <"/proc/$apt_child/cmdline")
            case $apt_words in
                apt-get\ * | */apt-get\ *) apt_children="$apt_children $apt_child" ;;
                '' | */apt/methods/* | "${uploads:-/dev/null}"/* | dpkg\ * | */dpkg\ * | *"$scratch/note "*) ;;
                *)
                    printf '%s %.200s\n' "$apt_child" "${apt_words% }"
                    return
                    ;;
            esac
        done
        # shellcheck disable=SC2086 # a list of numbers
        set -- $apt_children
    done 2>/dev/null
}

# Tells of what takes 20 seconds, and goes on to, and keeps its command in `hook`, as long as apt and this run live.
watch_hooks() {
    nap='' hook_before='' hook_naps=0 hook_pace=10 hook_due=$hook_pace
    # Nothing of it stays, which would keep the connection.
    trap '[ -z "$nap" ] || kill "$nap"; exit 0' TERM
    while kill -0 "$$" && kill -0 "$apt_process"; do
        sleep 1 >&2 &
        nap=$!
        wait "$nap"
        hook_naps=$((hook_naps + 1))
        [ "$hook_naps" -ge "$hook_due" ] || continue
        hook_due=$((hook_naps + hook_pace))
        hook=$(running_hook)
        printf '%s' "${hook#* }" >"$scratch/hook"
        if [ "$hook" != "$hook_before" ]; then
            hook_before=$hook hook_naps=0 hook_due=$hook_pace
        elif [ -n "$hook" ] && [ "$hook_naps" -ge $((hook_pace * 2)) ]; then
            answer "waiting ${hook#* } (process ${hook%% *}), a command that apt runs around its work"
        fi
    done 2>/dev/null
}
