# Does what a plan says, step by step, and stops at the first that fails.
#
# In:  nonce · journal · run directory · seconds to wait for another run · the last run when the host was looked at, or
#      `any` · token · proxy and hosts with own TLS, `upload` or `-` · operations … `.` ·
#      `INDEX CONTENT` and `INDEX.PART TEXT` … · `#end`
#      An operation is one of
#        repair INDEX · install INDEX NAME · directory INDEX KEY MODE OWNERSHIP PATH · link INDEX KEY NOTIFY TARGET PATH ·
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
read -r proxy own_tls <"$scratch/data"
# The data after its first line, up to the end of the operations.
operations=$(sed -n '1d;/^\.$/q;p' "$scratch/data")

fault=
open_journal || {
    answer "refused $fault"
    end_run refused
}
if ! configure_apt || ! record_packages; then
    [ "$fault" != interrupted ] || end_run interrupted
    answer "refused $fault"
    end_run refused
fi
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

# Neighbouring installs are one apt run.
flush_installs() {
    [ -n "$install_indices" ] || return 0
    foreseen=yes
    # shellcheck disable=SC2086 # a list of numbers
    set -- $install_indices
    install_count=$#
    for index in "$@"; do
        answer "started $index"
    done
    index=$1
    read_time
    begun=$now
    fault=
    # shellcheck disable=SC2086 # a list of names
    install_packages $install_names
    read_time
    share=$(((now - begun) * 10 / install_count))
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
    for index in "$@"; do
        answer "done $index $share"
    done
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

install_indices='' install_names='' foreseen='' units_changed=''
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
        take_word
        install_indices="$install_indices $word"
        install_names="$install_names $rest"
        continue
    fi
    flush_installs
    [ "$kind$foreseen" != file ] || foresee_installs || fail_step
    if stopping; then
        end_run interrupted
    fi
    take_word
    index=$word fault='' notify=- moment=-
    begin_step
    case $kind in
        repair) repair ;;
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
    cd /
    end_step
done
IFS=" 	$lines"
set +f
if stopping && [ -n "$install_indices" ]; then
    end_run interrupted
fi
flush_installs
end_run ok
