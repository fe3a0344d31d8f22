# Services that systemd has tried to start in vain.
# shellcheck disable=SC2154 # from services.sh

# Answers `failing` for each of the services $@ that is one, with why and the host's own drop-ins of it.
tell_failing() {
    [ -n "$systemd" ] && [ -n "$idle" ] || return 0
    for service in "$@"; do
        state=$(timeout 20 systemctl show -p ActiveState,SubState,Result,ConditionResult,ConditionTimestampMonotonic \
            -- "$service.service" 2>/dev/null)
        why=
        case $state in
            *ActiveState=failed* | *SubState=auto-restart*)
                why=$(printf '%s\n' "$state" | sed -n 's/^Result=//p')
                ;;
            # Nobody asks for one that was never to start.
            *ConditionTimestampMonotonic=0*) ;;
            *ActiveState=inactive*ConditionResult=no* | *ConditionResult=no*ActiveState=inactive*) why=condition ;;
        esac
        [ -z "$why" ] || answer "failing $service $why $(own_drop_ins "$service")"
    done
}
