# Looks at a host once and answers everything that was asked. It writes nothing, but for a directory under /run while
# it asks a mirror, and takes away what killed runs left there.
#
# In:  nonce · journal directory · run directory · `HASH PATH` … `.` · package … `.` · `SERVICE PORT …` … `.` ·
#      `KIND:TEXT` of a guard, the text in base64 … `.` · `mirror` or `-` · after `more`, missing.sh with what it uses, packed
# Out: begin · os · architecture · machine · addresses · no-ipv6 · systemd · disk · read-only · present · stat · sum · content ·
#      link · astray · journal · due · last-run · package · dpkg-interrupted · more · unit or service · port · guard · clock · own-tls ·
#      sources ·
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
guards=
while IFS= read -r line && [ "$line" != . ]; do
    guards="$guards $line"
done
IFS= read -r mirror
if [ -n "$missing" ]; then
    # `tell_missing`: most hosts lack nothing, so that it comes only where it is asked for.
    answer more
    IFS= read -r more
    more=$(printf '%s' "$more" | base64 -d | gzip -dc) && [ -n "$more" ] || exit 1
    eval "$more"
fi
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

# `tell_guards` is part of this program where there are guards.
# shellcheck disable=SC2086 # a list of words
[ -z "$guards" ] || tell_guards $guards
[ -z "$missing" ] || tell_missing
unwatch
answer "end ok"
