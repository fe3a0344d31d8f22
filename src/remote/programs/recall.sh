# Tells what the journal remembers, and what now stands at each path of it, when no other run changes that. Writes nothing
# but its own line into the lock.
#
# In:  nonce · journal · run directory · seconds to wait for another run · `any` · token · `#end`
# Out: begin · waiting · journal · record LINE · now KEY STATE · undo KEY TEXT · last-run LINE · end
#      STATE is as in standing.sh; TEXT the beginning of what takes a command back, in base64.
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
# By a dpkg that does not even know itself, all packages would look as if they were gone.
told=$(dpkg-query -W dpkg 2>&1) || [ $? -eq 127 ] || {
    answer "refused dpkg-unreadable $(printf '%s' "$told" | tr '\n' ' ')"
    end_run refused
}
[ ! -d "$journal" ] || answer journal
for record in "$journal"/entries/*/record; do
    [ -f "$record" ] || continue
    read -r key kind original put notify path <"$record" || continue
    [ "$kind" != packages ] || continue
    case $kind in
        file | link | directory)
            look_at_entry "${record%/record}"
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
known=$(known_packages)$(removed_packages)
[ -z "$known" ] || answer "record packages packages absent - - ${known% }"
IFS= read -r line <"$run_root/provision.lock"
answer "last-run $line"
end_run ok
