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
    wait_for_apt || refuse_run
fi
# What nobody knows of any more would not be undone, and go with the journal.
find_damaged
if [ -n "$damaged" ]; then
    fault="journal-damaged $damaged"
    refuse_run
fi
known='' found=''
if [ -e "$journal/entries/packages" ] || [ -e "$journal/new-packages" ] || [ -e "$journal/before-packages" ]; then
    { knows_itself && find_known_packages && are_all_told &&
        find_listed "$journal/entries/packages/removed" config-files; } || refuse_run
fi
[ ! -d "$journal" ] || answer journal
for record in "$journal"/entries/*/record; do
    [ -f "$record" ] || continue
    read -r key kind original put notify path <"$record"
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
known=$known$found
[ -z "$known" ] || answer "record packages packages absent - - ${known% }"
IFS= read -r line <"$run_root/provision.lock"
answer "last-run $line"
end_run ok
