# Looks at a host once and answers everything that was asked. It writes nothing, but for a directory under /run while
# it asks a mirror, and takes away what killed runs left there.
#
# In:  nonce · journal directory · run directory · the inventory as in journal.rs, or nothing · `HASH PATH` … `.` ·
#      package … `.` · command … `.` · `SERVICE PORT …` … `.` · `KIND:TEXT` of a guard, the text in base64 … `.` ·
#      `mirror` or `-` · after `more`, missing.sh, unwanted.sh and odd.sh with what they use, packed
# Out: begin · os · machine · addresses · boot · no-ipv6 · systemd · disk · read-only · present · stat · sum ·
#      content · link · astray · dangling · journal · maker · due · last-run · architecture · package · dpkg-interrupted · root · remains · more ·
#      unit or service · port · guard · now · undo · needed · leaving · foreign · clock · own-tls · sources · removes ·
#      unmet · refuses · no-lists · closed-tmp · closed-key · barred · gone · fixed-accounts · mirror · unwritable · left · end
# shellcheck disable=SC2154,SC2034 # from place.sh; read in paths.sh

exec 2>&1
# A hang-up ends it; whatever is slow below runs under `timeout`.
hang_up() { kill -TERM "$$"; }

IFS= read -r journal
IFS= read -r run_root
IFS= read -r maker

answer "begin $me"
if ! command -v dpkg-query >/dev/null 2>&1; then
    refuse no-dpkg
fi

tell_machine
{ read -r boot </proc/sys/kernel/random/boot_id && answer "boot $boot"; } 2>/dev/null
tell_read_only /etc /var

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

read_commands
ports='' wanted_packages=$*
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
named=$*
# shellcheck disable=SC2086 # a list of names
find_unwanted $wanted_packages
if [ -n "$missing$unwanted$unwanted_roots$odd" ]; then
    # `tell_missing`, `tell_unwanted` and `tell_odd`: most hosts lack nothing and have nothing else, so that they come only
    # where they are asked for.
    answer more
    IFS= read -r more
    more=$(printf '%s' "$more" | base64 -d | gzip -dc)
    [ -n "$more" ] || refuse look-failed gzip
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
[ -z "$unwanted$unwanted_roots" ] || tell_unwanted
[ -z "$missing" ] || tell_missing
[ -z "$odd" ] || tell_odd
unwatch
answer "end ok"
