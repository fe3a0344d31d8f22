# Rehearses the download of packages: the host's own apt asks for its lists and for what it would install, so that the
# laptop's relay has them afterwards. Into a folder of its own: the host's lists, cache and packages stay as they are.
#
# In:  nonce · journal · run directory · seconds to wait for another run · `any` · `-` · proxy and hosts with own TLS,
#      or `upload` · names … `.` · `#end`
# Out: begin · waiting · started · progress · want · note · done · failed · end
# shellcheck disable=SC2154,SC2034

exec 2>&1
answer "begin $(id -u)"
start_run
read -r proxy own_tls <"$scratch/data"
wanted_packages=$(sed -n '1d;/^\.$/q;p' "$scratch/data" | paste -sd ' ')

# The lists are too large for /run, which is memory. What a killed run left goes first: the lock is ours.
rm -rf /var/cache/provision.*
if ! store=$(mktemp -d /var/cache/provision.XXXXXX) || ! chmod 755 "$store" ||
    ! mkdir -p "$store/lists/partial" "$store/archives/partial"; then
    answer "refused no-scratch /var/cache"
    end_run refused
fi
end_fetch() {
    rm -rf "$store"
    end_run "$1"
}

trap 'rm -rf "$store" && clean_run' EXIT
fault=
configure_apt || {
    answer "refused $fault"
    end_fetch refused
}
printf 'Dir::%s "%s";\n' State::Lists "$store/lists/" Cache::Archives "$store/archives/" Cache::pkgcache '' \
    Cache::srcpkgcache '' >>"$scratch/apt.conf"

# What counts is whether the packages can be had.
rehearse() {
    progress "downloading package lists"
    if ! run_apt 300 update; then
        explain_apt
        [ "$fault" != interrupted ] || return 1
        answer "source $fault"
    fi
    fault=
    ! stopping || end_fetch interrupted
    # shellcheck disable=SC2086 # a list of names
    if ! run_apt 1200 install --download-only $wanted_packages; then
        explain_apt
        return 1
    fi
}

index=0 fault=
begin_step
if ! rehearse; then
    case $fault in
        apt-hash*)
            ask_afresh
            rm -rf -- "$store"/archives/* "$store"/lists/*
            mkdir "$store/lists/partial" "$store/archives/partial"
            fault=
            rehearse
            ;;
    esac
fi
if [ -n "$fault" ]; then
    rm -rf "$store"
    fail_step
fi
end_step
end_fetch ok
