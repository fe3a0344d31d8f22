# Takes a server out of service and brings it back, in this order: arm a timer that brings it back whatever becomes of
# this program, take it out, wait, bring it back, disarm the timer.
#
# The other side closes stdin to have it back: at the planned end, on Ctrl-C, and without wanting to where the link or
# the laptop dies. It comes back at the latest after the seconds that are given.
#
# In:  nonce · journal · run directory · 0, since it never waits for another run · `any` · `-` · seconds until it comes
#      back at the latest · `service NAME CHECK` or `server SOCKET BACKEND/SERVER NAME` · `#end`; CHECK is a command in base64,
#      or `-`
# Out: begin · refused · armed · leaving · left · returning · returned · failed · end
# shellcheck disable=SC2154,SC2034

exec 2>&1
answer "begin $(id -u)"
start_run
{
    read -r limit
    read -r kind target server name
} <"$scratch/data"
check=$server
index=0 fault=
timer=provision-drill-restore

# Perl's base is on every Debian, and sh speaks to no unix socket.
# shellcheck disable=SC2016 # perl expands it
speak='use IO::Socket::UNIX; alarm 5; my ($path, $order) = @ARGV;
my $socket = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!\n"; print $socket "$order\n"; print while <$socket>;'

# What brings it back, here and in the timer, which knows nothing but these words and its arguments. systemd would
# expand a dollar sign before a brace or another one.
# shellcheck disable=SC2016 # the shell that is given it expands it
restore='case $1 in
    service)
        if [ -d /run/systemd/system ]; then
            systemctl reset-failed "$2.service" 2>/dev/null
            timeout 60 systemctl start "$2.service"
        else
            timeout 60 service "$2" start </dev/null
        fi ;;
    server)
        said=$(perl -e "$4" "$2" "set server $3 state ready" 2>&1) || { echo "$said"; exit 1; }
        [ -z "$said" ] || { echo "$said"; exit 1; } ;;
esac'

is_there() {
    case $kind in
        service)
            name=$target
            fault="drill-idle $name"
            is_active || return 1
            # It may run with older files than those that it would start with.
            if [ "$check" != - ] && ! accepts_files; then
                fault="drill-broken $check $blamed"
                return 1
            fi
            ;;
        server)
            fault="drill-socket $name $target"
            [ -S "$target" ] || return 1
            fault="drill-perl $name"
            command -v perl >/dev/null 2>&1 || return 1
            ;;
    esac
    fault=
}

arm() {
    fault=drill-unarmed
    if has_systemd; then
        # One that a killed drill left would bring back what this one takes out: the lock is ours.
        timeout 20 systemctl stop "$timer.timer" 2>/dev/null
        timeout 20 systemd-run --quiet --collect --unit="$timer" --description="provision drill: brings back $target" \
            --on-active="$limit" --timer-property=AccuracySec=100ms \
            -- /bin/sh -c "$restore" restore "$kind" "$target" "$server" "$speak" || return 1
        [ "$(timeout 20 systemctl is-active "$timer.timer")" = active ] || return 1
    else
        setsid sh -c "sleep \"\$5\"; $restore" restore "$kind" "$target" "$server" "$speak" "$limit" \
            </dev/null >/dev/null 2>&1 &
        sleeper=$!
        sleep 0.1
        kill -0 "-$sleeper" || return 1
    fi
    fault=
}

disarm() {
    if has_systemd; then
        timeout 20 systemctl stop "$timer.timer"
    else
        kill -TERM "-$sleeper"
    fi
}

take_out() {
    case $kind in
        service)
            fault="drill-stop $target"
            stop_service || return 1
            ;;
        server)
            said=$(perl -e "$speak" "$target" "set server $server state maint" 2>&1)
            spoken=$?
            fault="drill-order $name $said"
            [ "$spoken" -eq 0 ] && [ -z "$said" ] || return 1
            ;;
    esac
    fault=
}

# Whether it may be out all the same. An order that was refused changed nothing; one that it did not answer before
# the alarm (SIGALRM) may have.
may_be_out() {
    [ "$kind" = service ] || [ "$spoken" -eq 142 ]
}

is_back() {
    [ "$kind" = server ] || is_active
}

bring_back() {
    tries=0
    until sh -c "$restore" restore "$kind" "$target" "$server" "$speak" && is_back; do
        tries=$((tries + 1))
        if [ "$tries" -ge 5 ]; then
            # Where it was not even taken out as it should be, that is what is told.
            first_fault=$fault
            case $kind in
                service) fault="service-start $target" ;;
                server) fault="drill-return $name" ;;
            esac
            fault=${first_fault:-$fault}
            return 1
        fi
        sleep 1
    done
}

is_there || fail_step
# Half a second ahead of the timer, which is then not needed.
read_time
deadline=$((now + limit * 100 - 50))
arm || fail_step
answer armed
if stopping; then
    disarm
    end_run interrupted
fi
answer leaving
if take_out; then
    answer left
    until stopping || [ "$now" -ge "$deadline" ]; do
        sleep 0.1
        read_time
    done
elif ! may_be_out; then
    disarm
    fail_step
fi
answer returning
# Where it does not come back, the timer stays armed: it tries once more.
if bring_back; then
    disarm
    answer returned
fi
[ -z "$fault" ] || fail_step
end_run ok
