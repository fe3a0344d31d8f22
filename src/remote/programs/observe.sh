# Looks at a host once and answers everything that was asked. It writes nothing, but for a directory under /run while
# it asks a mirror, and takes away what killed runs left there.
#
# In:  nonce · journal directory · run directory · `HASH PATH` … `.` · package … `.` · `SERVICE PORT …` … `.` ·
#      `mirror` or `-`
# Out: begin · os · architecture · machine · addresses · no-ipv6 · systemd · disk · read-only · present · stat · sum · content ·
#      link · astray · journal · due · last-run · package · dpkg-interrupted · unit or service · port · clock · own-tls · sources ·
#      removes · no-lists · mirror · end
# shellcheck disable=SC2154,SC2034 # from place.sh; read in paths.sh

exec 2>&1
# A hang-up ends it; whatever is slow below runs under `timeout`.
hang_up() { kill -TERM "$$"; }

IFS= read -r journal
IFS= read -r run_root

answer "begin $me"
if ! command -v dpkg-query >/dev/null 2>&1; then
    answer "refused no-dpkg"
    answer "end refused"
    exit 0
fi

tell_machine
if ! [ -w /etc ] || ! [ -w /var ]; then
    answer read-only
fi

read_paths
tell_paths
sweep "$run_root"
tell_journal

set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "$line"
done
tell_packages "$@"
tell_interrupted

ports=
set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "${line%% *}"
    case $line in
        *" "*) ports="$ports ${line#* }" ;;
    esac
done
IFS= read -r mirror
watch_stdin hang_up

idle=
tell_services "$@"
# Who holds the ports matters only where a service does not run.
if [ -n "$idle" ]; then
    for port in $ports; do
        port_holders "$port" | while IFS= read -r line; do
            answer "port $port $line"
        done
    done
fi

if [ -n "$missing" ]; then
    if [ -n "$absent" ] && have_lists; then
        # shellcheck disable=SC2086 # a list of names
        tell_removals $absent
    elif [ -n "$absent" ]; then
        answer no-lists
    fi
    # Apt trusts no release file from the future.
    answer "clock $(date +%s)"
    answer "own-tls $(hosts_with_own_tls | sort -u | head -n 64 | tr '\n' ' ')"
    sources=$(grep -hs '' /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
        /etc/apt/mirrors/* | head -c 262144 | base64 -w 0)
    answer "sources $sources"
fi
if [ -n "$missing" ] && [ "$mirror" = mirror ]; then
    # Where no other way would help, apt itself says what is wrong.
    if mirror_answers "$run_root" || [ -n "$gone$unreadable" ]; then
        answer "mirror yes"
    else
        answer "mirror no"
    fi
fi

unwatch
answer "end ok"
