# Tells by which files services were started, in the programs that examine and probe. Follows services.sh.
# shellcheck disable=SC2154 # from services.sh

# Answers `started SERVICE FILE …` for each process of the services $@ that was given files by `-f`. A folder without any
# counts for nothing.
tell_started() {
    for service in "$@"; do
        for pid in $(started_pids "$service"); do
            files='' before=''
            while IFS= read -r word; do
                [ "$before" != -f ] || is_bare "$word" || files="$files $word"
                before=$word
            done <<END
$({ tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null)
END
            [ -z "$files" ] || answer "started $service$files"
        done
    done
}

# Without systemd, whatever bears its name may have been started by hand. The kernel knows 15 letters of that.
started_pids() {
    if [ -n "$systemd" ]; then
        timeout 20 systemctl show -p MainPID --value -- "$1.service" 2>/dev/null
    else
        grep -lxF -e "$(printf '%.15s' "$1")" /proc/[0-9]*/comm 2>/dev/null | cut -d / -f 3
    fi
}

is_bare() {
    [ -d "$1" ] || return 1
    for inside in "$1"/*.cfg; do
        [ ! -e "$inside" ] || return 1
    done
}
