# Services: enabled, started or reloaded, believed only by their own state, rolled back where they do not come up.
# shellcheck disable=SC2154,SC2034

has_systemd() {
    [ -d /run/systemd/system ]
}

is_active() {
    if has_systemd; then
        # It has a word for every state; where it has none, it could not ask.
        for asked_before in 0 1 2; do
            case $(timeout 20 systemctl is-active "$name.service" 2>/dev/null) in
                active | reloading) return 0 ;;
                ?*) return 1 ;;
            esac
            sleep 0.2
        done
        return 1
    fi
    timeout 20 service "$name" status >/dev/null 2>&1
}

is_given_up() {
    has_systemd && timeout 20 systemctl --quiet is-failed "$name.service"
}

# Has systemd read its files anew where they changed since it did.
reload_units() {
    has_systemd || return 0
    if [ -z "$units_changed" ] &&
        [ "$(timeout 20 systemctl show -p NeedDaemonReload --value "${name:-}.service" 2>/dev/null)" != yes ]; then
        return 0
    fi
    timeout 60 systemctl daemon-reload && units_changed=
}

# Its package may have enabled it since the plan was made: systemd would read all files anew, twice, for nothing.
enable_service() {
    if has_systemd; then
        [ "$(timeout 20 systemctl is-enabled "$name.service" 2>/dev/null)" = enabled ] ||
            timeout 60 systemctl --quiet enable "$name.service"
    else
        update-rc.d "$name" defaults && update-rc.d "$name" enable
    fi
}

start_service() {
    reload_units
    if has_systemd; then
        # After too many failed starts systemd refuses another one until told to forget them.
        systemctl reset-failed "$name.service" 2>/dev/null
        timeout 120 systemctl start "$name.service"
    else
        timeout 120 service "$name" start </dev/null >"$scratch/service.log" 2>&1
    fi
}

stop_service() {
    if has_systemd; then
        timeout 60 systemctl stop "$name.service"
    else
        timeout 60 service "$name" stop </dev/null >"$scratch/service.log" 2>&1
    fi
}

# Has it read its files anew, by a new start where it does not otherwise or where `on_change` says so.
reload_service() {
    reload_units
    reload_way=${on_change:-reload}
    if has_systemd; then
        [ "$reload_way" = restart ] || reload_way=reload-or-restart
        timeout 120 systemctl "$reload_way" "$name.service"
    else
        grep -qE '(^|[|[:space:]])reload[|)]' "/etc/init.d/$name" || reload_way=restart
        timeout 120 service "$name" "$reload_way" </dev/null >"$scratch/service.log" 2>&1
    fi
}

# Starts a service that a reload has ended: it may have held itself what it now asks for, as one address of a port that it
# is to have on all.
start_after_reload() {
    ! is_active && start_service && await_health 44
}

# Whether process $1 belongs to the service.
is_of_service() {
    if has_systemd; then
        grep -q "/$name\.service" "/proc/$1/cgroup" 2>/dev/null
    else
        read -r of_name 2>/dev/null <"/proc/$1/comm" || return 1
        # The kernel knows 15 letters of it.
        [ "$of_name" = "$name" ] || [ "$of_name" = "$(printf '%.15s' "$name")" ] || is_started_by_script "$1"
    fi
}

# Whether process $1, which bears another name, or one above it is one that the init script noted.
is_started_by_script() {
    # shellcheck disable=SC2046 # a list of paths
    noted_pids=" $(cat "/run/$name.pid" "/run/$name"/*.pid \
        $(grep -oE '/run/[[:alnum:]_./-]+[[:alnum:]]' "/etc/init.d/$name" 2>/dev/null) 2>/dev/null |
        tr -cs '0-9' ' ') "
    started_pid=$1
    while [ "${started_pid:-0}" -gt 1 ]; do
        case $noted_pids in *" $started_pid "*) return 0 ;; esac
        started_pid=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$started_pid/status" 2>/dev/null)
    done
    return 1
}

# Prints the processes of the service that listen on its ports.
listeners() {
    for listener_port in $ports; do
        port_holders "$listener_port" | while read -r listener_pid _; do
            ! is_of_service "$listener_pid" || printf ' %s ' "$listener_pid"
        done
    done
}

# Whether it runs and listens on every port. With processes in `old_listeners`, each port needs a process that is not
# among them: a reload may succeed although the new processes could not bind and the old ones go on.
is_healthy() {
    is_active || return 1
    for healthy_port in $ports; do
        healthy_new=
        for healthy_pid in $(port_holders "$healthy_port" | cut -d ' ' -f 1); do
            case $old_listeners in
                *" $healthy_pid "*) continue ;;
            esac
            if is_of_service "$healthy_pid"; then
                healthy_new=1
                break
            fi
        done
        [ -n "$healthy_new" ] || return 1
    done
}

# Most come up at once, and others are waited for.
await_health() {
    tries=0 pause=0.05
    until is_healthy; do
        tries=$((tries + 1))
        # What systemd has given up does not come any more.
        [ "$tries" -lt "$1" ] && ! is_given_up || return 1
        # A service may itself try for two seconds; a port that somebody else holds is not worth more.
        if [ "$tries" -ge 16 ] && [ -n "$(foreign_holder)" ]; then
            return 1
        fi
        [ "$tries" -lt 5 ] || pause=0.25
        sleep "$pause"
    done
}

# Prints `PORT PID NAME` of the first process that holds one of the ports and is not of the service.
foreign_holder() {
    for foreign_port in $ports; do
        port_holders "$foreign_port" | while read -r foreign_pid foreign_name; do
            if ! is_of_service "$foreign_pid"; then
                printf '%s %s %s\n' "$foreign_port" "$foreign_pid" "$foreign_name"
                break
            fi
        done
    done | head -n 1
}

# Prints `PORT PID NAME` of a process that bears the name of the service where this does not run: it was started by hand,
# and the service does not know of it.
namesake() {
    ! is_active || return 0
    for foreign_port in $ports; do
        port_holders "$foreign_port" | sed "s/^/$foreign_port /"
    done | head -n 1
}

# Says in `fault` why it is not healthy: whoever else holds one of its ports, a broken file of its own that is not ours,
# or nothing better than that it failed. Of its log only what was written since `asked_at` tells of that; the lines that
# tell most come last.
blame() {
    blamed=$(foreign_holder)
    [ -n "$blamed" ] || blamed=$(namesake)
    if [ -n "$blamed" ]; then
        fault="service-port $name $blamed"
    elif [ "$check" = - ] || accepts_files || ! blames_others; then
        fault="$1 $name"
        ! has_systemd || fault="$fault $(own_drop_ins "$name")"
    fi
    if has_systemd; then
        timeout 20 systemctl --no-pager --lines=0 --full status "$name.service"
        timeout 20 journalctl -q --no-pager -o cat --since "@$asked_at" -n 300 -u "$name.service" >"$scratch/service.log"
        tail -n 30 "$scratch/service.log"
        worst_lines "$scratch/service.log" | tail -n 6
    else
        cat "$scratch/service.log" 2>/dev/null
    fi
}

# In `name`: `enable`, `reload` (`yes` or `no`), `ports`, whether a reload `renews` the processes that listen, the `check`
# of its files, whether it is to `reload` or to `restart` in `on_change`, and how it was before us in `original`.
bring_up() {
    old_listeners=
    reload_units
    if has_systemd; then
        case $(timeout 20 systemctl show -p LoadState --value "$name.service") in
            masked) fault="service-masked $name" ;;
            not-found) fault="service-unknown $name" ;;
        esac
    elif [ ! -x "/etc/init.d/$name" ]; then
        fault="service-unknown $name"
    fi
    [ -z "$fault" ] || return 1
    remember "$original" || return 1
    if [ "$enable" = yes ] && ! enable_service; then
        fault="service-enable $name"
        return 1
    fi
    # To find that out by a reload costs requests: some stop listening while they try, and others die of it.
    blamed=$(foreign_holder)
    if [ -n "$blamed" ]; then
        fault="service-port $name $blamed"
        ! put_files_back || rm -rf -- "$journal/due/$name"
        return 1
    fi
    was_active=no asked_at=$(date +%s)
    if is_active; then
        was_active=yes
        # It may have been started since the plan was made, by its package.
        if [ "$reload" = yes ] || [ -d "$journal/due/$name" ]; then
            progress "reloading $name"
            [ "$renews" = no ] || old_listeners=$(listeners)
            if ! { reload_service && await_health 44; } && ! start_after_reload; then
                blame service-reload
                roll_back
                return 1
            fi
        elif ! await_health 24; then
            # It was not asked for anything.
            asked_at=0
            blame service-start
            roll_back
            return 1
        fi
    else
        progress "starting $name"
        if ! start_service || ! await_health 44; then
            blame service-start
            roll_back
            return 1
        fi
    fi
    rm -rf -- "$journal/due/$name"
}

# The same, and says in `fault` whether there is systemd, by which goes what can be advised.
settle_service() {
    bring_up && return 0
    if ! has_systemd; then
        case $fault in
            service-*)
                advised=daemon${fault#service}
                fault=$advised
                ;;
        esac
    fi
    return 1
}

# Puts back every file that the service did not take; fails where there is none.
put_files_back() {
    rolled=
    forget_sure
    for kept in "$journal/due/$name"/*.path; do
        [ -e "$kept" ] || continue
        kept=${kept##*/}
        kept=${kept%.path}
        put_back "$kept" "$journal/due/$name" || return 1
        rolled=1
        if [ -e "$scratch/index.$kept" ]; then
            read -r rolled_index <"$scratch/index.$kept"
            answer "rolled-back $rolled_index"
        fi
    done
    [ -n "$rolled" ]
}

# The same, and puts back the service with them.
roll_back() {
    put_files_back || return 1
    if [ "$was_active" = no ]; then
        ! has_systemd || timeout 60 systemctl stop "$name.service"
    elif is_active; then
        reload_service
    else
        start_service
    fi
    old_listeners='' ports=''
    if [ "$was_active" = no ] || await_health 44; then
        rm -rf -- "$journal/due/$name"
        [ "$was_active" = no ] || answer "restored $name"
    fi
}
