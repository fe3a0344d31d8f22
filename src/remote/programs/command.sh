# Commands of the user's: run where their guard is open, believed only by their guard, and remembered with what takes them
# back. See session.sh for how they are run.
# shellcheck disable=SC2154,SC2034

# Writes the text that the data has for the current step under name $1 to a file of that name; fails where there is none.
take_text() {
    sed -n "s/^$index\\.$1 //p" "$scratch/data" | base64 -d >"$scratch/$1" && [ -s "$scratch/$1" ]
}

# In `path`, its name: `key`, the `limit` in seconds, what `reads` it (`shell`, or the `program` that its first line names),
# the kind of its guard in `asks`, and in `behind` whether it comes behind `files` or `services`.
run_command() {
    take_text guard
    ask_guard "$asks" "$scratch/guard"
    if [ "$guard" != holds ]; then
        remember_command || return 1
        reload_units
        progress "running $path"
        take_text run
        run_script "$scratch/run" "$reads" "$limit"
        if ! blame_script command; then
            return 1
        fi
        ask_guard "$asks" "$scratch/guard"
        if [ "$guard" != holds ]; then
            last_lines "$scratch/said" 12
            fault="command-open $script_name"
            [ "$guard" != silent ] || fault="command-silent $script_name"
            return 1
        fi
    fi
    # What others have done is not ours to take back.
    [ ! -d "$journal/entries/$key" ] || record_state 'done'
}

# Runs the file $1 for at most $3 seconds, by what reads it: $2.
run_script() {
    script_reader=sh script_word=''
    if [ "$2" = program ]; then
        IFS= read -r script_line <"$1"
        case $script_line in
            '#!'*)
                # As the kernel does, which may be forbidden to run files here: a program, and one word.
                script_line=$(printf '%s' "${script_line#??}" | sed 's/^[[:blank:]]*//;s/[[:blank:]]*$//')
                script_reader=${script_line%%[[:blank:]]*}
                script_word=$(printf '%s' "${script_line#"$script_reader"}" | sed 's/^[[:blank:]]*//')
                ;;
        esac
    fi
    set -- "$1" "$3"
    run_heard "$2" "$scratch/said" "$script_reader" ${script_word:+"$script_word"} "$1"
}

# Says in `fault`, beginning with $1, why a script did not end well; fails where it did not.
blame_script() {
    script_name=$(printf '%s' "$path" | base64 -w 0)
    [ "$status" -ne 0 ] || return 0
    last_lines "$scratch/said" 12
    if [ -n "$late" ]; then
        fault="$1-late $script_name $limit $key"
    else
        fault="$1-status $script_name $status $key $(last_lines "$scratch/said" 1 | head -c 300 | base64 -w 0)"
    fi
    return 1
}

# Makes the entry of the command, with its number among all that were ever begun, and what takes it back.
remember_command() {
    command_entry=$journal/entries/$key
    number=$(sed -n 's/^[^ ]* command [a-z]*-\([0-9]*\) .*/\1/p' "$journal"/entries/*/record 2>/dev/null | sort -n | tail -n 1)
    remember "$behind-$((${number:-0} + 1))" || return 1
    fault=journal-unwritable
    if take_text undo; then
        cp -- "$scratch/undo" "$command_entry/.undo" && printf '%s\n' "$limit" >"$command_entry/limit" && sync "$command_entry/.undo" &&
            mv -T -- "$command_entry/.undo" "$command_entry/undo" || return 1
    else
        rm -f -- "$command_entry/undo" || return 1
    fi
    fault=
}

# Runs what takes back the command whose entry is at hand.
undo_command() {
    command_entry=$journal/entries/$key
    if [ ! -f "$command_entry/undo" ]; then
        answer "note what the command $path did stays: it came without an undo"
        return 0
    fi
    IFS= read -r limit <"$command_entry/limit"
    progress "taking back $path"
    run_script "$command_entry/undo" shell "${limit:-300}"
    blame_script command-undo
}
