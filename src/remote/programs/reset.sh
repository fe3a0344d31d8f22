# Undoes what the journal remembers, in the order it is told, and removes the journal last.
#
# In:  nonce · journal · run directory · seconds to wait for another run · the last run when the journal was read, or
#      `any` · token · operations … · `#end`
#      An operation is one of
#        undo INDEX KEY · purge INDEX PACKAGE · forget INDEX
# Out: begin · waiting · started · progress · note · done · failed · end
# shellcheck disable=SC2154,SC2034

exec 2>&1
answer "begin $me"
start_run
proxy=- own_tls='' maker=''
sweep_candidates
{ configure_apt && record_packages; } || refuse_run

# What was added while this plan was made is not in it: then the journal stays.
forget() {
    find_damaged
    if [ -n "$damaged" ]; then
        fault="journal-damaged $damaged"
        return 1
    fi
    for record in "$journal"/entries/*/record; do
        [ -f "$record" ] || continue
        read -r _ kind original _ <"$record"
        if [ "$kind/$original" != service/absent ]; then
            answer "note the journal remembers more than this plan undid: run reset again"
            return 0
        fi
    done
    drop_folders removed-folders
    rm -rf -- "$journal"
}

flush_purges() {
    [ -n "$purge_indices" ] || return 0
    index_after=$index
    # shellcheck disable=SC2086 # a list of numbers
    set -- $purge_indices
    begin_steps "$@"
    # shellcheck disable=SC2086 # a list of names
    purge_packages $purge_names || fail_step
    end_steps "$@"
    index=$index_after
    purge_indices='' purge_names=''
}

operations=$(sed '/^#end$/d' "$scratch/data")
purge_indices='' purge_names='' units_changed=''
lines='
'
IFS=$lines
for operation in $operations; do
    IFS=" 	$lines"
    if stopping; then
        end_run interrupted
    fi
    rest=$operation
    take_word
    kind=$word
    take_word
    step=$word
    if [ "$kind" = purge ]; then
        purge_indices="$purge_indices $step"
        purge_names="$purge_names $rest"
        continue
    fi
    flush_purges
    index=$step
    if stopping; then
        end_run interrupted
    fi
    fault=
    begin_step
    case $kind in
        undo)
            key=$rest
            undo_entry
            ;;
        forget) forget ;;
        *) false ;;
    esac || fail_step
    cd /
    end_step
done
IFS=" 	$lines"
flush_purges
end_run ok
