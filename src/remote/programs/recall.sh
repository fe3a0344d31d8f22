# Tells what the journal remembers, and what now stands at each path of it, when no other run changes that. Writes nothing
# but its own line into the lock.
#
# In:  nonce · journal · run directory · seconds to wait for another run · `any` · token · `#end`
# Out: begin · waiting · journal · record LINE · now KEY STATE · undo KEY TEXT · last-run LINE · end
#      STATE is a file's SHA-256, a link's target in base64, `absent`, or `other`; TEXT the beginning of what takes a
#      command back, in base64.
# shellcheck disable=SC2154,SC2034

exec 2>&1
answer "begin $me"
start_run
# A run that was killed may have left apt at work.
fault=
if [ -e "$journal/new-packages" ] || [ -e "$journal/before-packages" ]; then
    if ! wait_for_apt; then
        [ "$fault" != interrupted ] || end_run interrupted
        answer "refused $fault"
        end_run refused
    fi
fi
[ ! -d "$journal" ] || answer journal
for record in "$journal"/entries/*/record; do
    [ -f "$record" ] || continue
    read -r key kind original put notify path <"$record" || continue
    [ "$kind" != packages ] || continue
    case $kind in
        file | link | directory)
            state=absent
            if [ ! -e "$path" ] && [ ! -L "$path" ]; then
                :
            elif ! arrive; then
                state=other
            elif [ -L "$leaf" ]; then
                state=$(readlink -n -- "$leaf" | base64 -w 0)
            elif [ -f "$leaf" ]; then
                state=$(read_leaf | sha256sum)
                state=${state%% *}
            elif [ -e "$leaf" ]; then
                state=other
            fi
            cd /
            # A run that died may have put in place what it had no time to record.
            announced=
            { IFS= read -r announced <"${record%/record}/next"; } 2>/dev/null
            [ "$announced" != "$state" ] || put=$state
            answer "record $key $kind $original $put $notify $path"
            answer "now $key $state"
            ;;
        *)
            answer "record $key $kind $original $put $notify $path"
            undo=${record%/record}/undo
            [ "$kind" != command ] || [ ! -f "$undo" ] || answer "undo $key $(head -c 1000 -- "$undo" | base64 -w 0)"
            ;;
    esac
done
known=$(known_packages)
[ -z "$known" ] || answer "record packages packages absent - - ${known% }"
IFS= read -r line <"$run_root/provision.lock"
answer "last-run $line"
end_run ok
