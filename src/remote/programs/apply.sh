# Does what a plan says, step by step, and stops at the first that fails.
#
# In:  nonce · journal · run directory · seconds to wait for another run · the last run when the host was looked at, or
#      `any` · token · proxy and hosts with own TLS, `upload` or `-` · the inventory as in journal.rs, or nothing · wanted
#      packages · `PACKAGE=REMAINS` … · operations … `.` · `INDEX CONTENT` and `INDEX.PART TEXT` … · `#end`
#      An operation is one of
#        sweep INDEX PATH · undo INDEX KEY NOTIFY · remove INDEX REMAINS NAME · keep INDEX NAME · repair INDEX · install INDEX NAME ·
#        directory INDEX KEY MODE OWNERSHIP PATH · link INDEX KEY NOTIFY TARGET PATH ·
#        file INDEX KEY MODE OWNERSHIP ORIGIN SHA256 MOMENT CHECK NOTIFY PATH ·
#        command INDEX KEY LIMIT READER GUARD BEHIND NAME ·
#        service INDEX KEY ENABLE RELOAD BEFORE PORTS RENEWS ON_CHANGE CHECK NAME
#      with contents, texts, link targets and checks in base64, ports joined by commas, `-` for nothing. A check is a command;
#      at the moment `before` it is given the candidate, at `shell` it is a
#      text in which `{file}` stands for that, `in-place` it reads the files where they belong.
# Out: begin · waiting · started · progress · want · note · source · aside · done · failed · rolled-back · restored · end
# shellcheck disable=SC2154,SC2034

exec 2>&1
answer "begin $me"
start_run
{
    read -r proxy own_tls
    IFS= read -r maker
    read -r staying
    read -r remains
} <"$scratch/data"
# The data after these lines, up to the end of the operations.
operations=$(sed -n '1,4d;/^\.$/q;p' "$scratch/data")

fault=
open_journal || refuse_run
sweep_candidates
# shellcheck disable=SC2086 # a list of words
{ configure_apt && record_packages && note_remains $remains; } || refuse_run
adopt_announced
wanted_packages=$(printf '%s\n' "$operations" | sed -n 's/^install [0-9]* //p' | paste -sd ' ')

# Where what others left can't be repaired, it may still be that all that we want is there now.
repair() {
    repair_dpkg
    why=$fault
    record_packages
    fault=$why
    # shellcheck disable=SC2086 # a list of names
    if [ -n "$fault" ] && [ -n "$wanted_packages" ] && are_installed $wanted_packages; then
        answer "note these packages of others stay half-done: $(broken_packages | tr '\n' ' ')"
        fault=
    fi
    [ -z "$fault" ]
}

# Neighbouring removals are one apt run.
flush_removals() {
    [ -n "$removal_indices" ] || return 0
    # shellcheck disable=SC2086 # a list of numbers
    set -- $removal_indices
    begin_steps "$@"
    # shellcheck disable=SC2086 # a list of names
    remove_packages $removal_names || fail_step
    end_steps "$@"
    forget_sure
    removal_indices='' removal_names=''
}

# Neighbouring installs are one apt run.
flush_installs() {
    [ -n "$install_indices" ] || return 0
    foreseen=yes
    # shellcheck disable=SC2086 # a list of numbers
    set -- $install_indices
    begin_steps "$@"
    # shellcheck disable=SC2086 # a list of names
    note_roots $install_names && install_packages $install_names
    # Where what failed is of others, all that is wanted may be there.
    case $fault in
        apt-locked*) ;;
        apt-*)
            # shellcheck disable=SC2086 # a list of names
            if are_installed $install_names; then
                answer "aside $fault"
                fault=
            fi
            ;;
    esac
    if [ -n "$fault" ]; then
        share_time $#
        for installed_name in $install_names; do
            index=$1
            shift
            if is_installed "$installed_name"; then
                answer "done $index $share"
            else
                fail_step
            fi
        done
        fail_step
    fi
    end_steps "$@"
    forget_sure
    install_indices='' install_names=''
}

# A file that goes before the packages is put there only once apt takes them: else nothing is to be changed.
foresee_installs() {
    foreseen=yes
    # shellcheck disable=SC2086 # a list of names
    if [ -z "$wanted_packages" ] || are_installed $wanted_packages; then
        return 0
    fi
    index=$(printf '%s\n' "$operations" | sed -n 's/^install \([0-9]*\) .*/\1/p' | head -n 1)
    begin_step
    # shellcheck disable=SC2086 # a list of names
    wait_for_cloud_init && wait_for_apt && download_packages $wanted_packages
}

# Whether what was just tried to be had only lacks that what goes is gone.
is_in_the_way() {
    case $fault in
        apt-removes* | apt-unmet* | apt-depends* | apt-held*)
            fault='' foreseen=yes
            ;;
        *) return 1 ;;
    esac
}

install_indices='' install_names='' foreseen='' units_changed=''
removal_indices='' removal_names='' lasting_names='' passing_names=''
lines='
'
IFS=$lines
set -f
for operation in $operations; do
    IFS=" 	$lines"
    set +f
    if stopping; then
        end_run interrupted
    fi
    rest=$operation
    take_word
    kind=$word
    if [ "$kind" = install ]; then
        [ -z "$removal_indices" ] || flush_removals
        take_word
        install_indices="$install_indices $word"
        install_names="$install_names $rest"
        continue
    fi
    if [ "$kind" = remove ]; then
        take_word
        index=$word
        take_word
        case $word in
            data) lasting_names="$lasting_names $rest" ;;
            nothing) passing_names="$passing_names $rest" ;;
        esac
        # What is gone does not come back where what takes its place cannot be had.
        [ -n "$foreseen" ] || foresee_installs || is_in_the_way || fail_step
        removal_indices="$removal_indices $index"
        removal_names="$removal_names $rest"
        continue
    fi
    flush_removals
    flush_installs
    case $kind in
        file) [ -n "$foreseen" ] || foresee_installs || fail_step ;;
        undo) [ -n "$foreseen" ] || foresee_installs || is_in_the_way || fail_step ;;
    esac
    if stopping; then
        end_run interrupted
    fi
    take_word
    index=$word fault='' notify=- moment=-
    begin_step
    case $kind in
        undo)
            take_word && key=$word
            undone_notify=$rest
            # What is put back is read by a service that stays.
            { [ "$undone_notify" = - ] || mkdir -p -- "$journal/due/$undone_notify"; } && undo_entry
            ;;
        sweep)
            path=$rest
            arrive && find_room
            ;;
        repair) repair ;;
        # That was noted before all else.
        keep) ;;
        directory)
            take_word && key=$word
            take_word && mode=$word
            take_word && ownership=$word
            path=$rest
            make_directory
            ;;
        link)
            take_word && key=$word
            take_word && notify=$word
            take_word && target=$(printf '%s' "$word" | base64 -d)
            path=$rest
            make_link
            ;;
        file)
            take_word && key=$word
            take_word && mode=$word
            take_word && ownership=$word
            take_word && origin=$word
            take_word && sum=$word
            take_word && moment=$word
            take_word && check=$word
            take_word && notify=$word
            path=$rest
            write_file
            ;;
        command)
            take_word && key=$word
            take_word && limit=$word
            take_word && reads=$word
            take_word && asks=$word
            take_word && behind=$word
            path=$rest
            # It may ask apt for something itself.
            [ -z "$apt_waits" ] || leave_apt
            run_command
            ;;
        service)
            take_word && key=$word
            take_word && enable=$word
            take_word && reload=$word
            take_word && original=$word
            take_word && ports=$(printf '%s' "$word" | tr ',-' '  ')
            take_word && renews=$word
            take_word && on_change=$word
            take_word && check=$word
            name=$rest path=$rest
            settle_service
            ;;
        *) false ;;
    esac || fail_step
    # What else is done may give folders away.
    case $kind in file | link) ;; *) forget_sure ;; esac
    cd /
    end_step
done
IFS=" 	$lines"
set +f
if stopping && [ -n "$install_indices$removal_indices" ]; then
    end_run interrupted
fi
flush_removals
flush_installs
end_run ok
