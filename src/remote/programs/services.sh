# Tells the state of services, in every program that looks at them.

tell_systemd() {
    systemd=
    if [ -d /run/systemd/system ]; then
        systemd=1
        answer systemd
    fi
}

# Answers `unit` or `service` for each argument; sets `idle` where one of them does not run.
tell_services() {
    [ $# -gt 0 ] || return 0
    if [ -n "$systemd" ]; then
        for service in "$@"; do
            set -- "$@" "$service.service"
            shift
        done
        units=$(timeout 20 systemctl show -p LoadState,ActiveState,SubState,UnitFileState,MainPID -- "$@")
        while IFS= read -r line; do
            answer "unit $line"
        done <<END
$units
END
        case $units in
            *ActiveState=[!ar]* | *ActiveState=activating* | "") idle=1 ;;
        esac
        return 0
    fi
    for service in "$@"; do
        exists=no enabled=no active=no
        if [ -x "/etc/init.d/$service" ]; then
            exists=yes
        fi
        for start in /etc/rc[2345].d/S[0-9][0-9]"$service"; do
            [ ! -e "$start" ] || enabled=yes
        done
        if [ "$exists" = yes ] && timeout 20 service "$service" status >/dev/null 2>&1 </dev/null; then
            active=yes
        else
            # shellcheck disable=SC2034 # read by the program that looks
            idle=1
        fi
        answer "service $exists $enabled $active"
    done
}
