# Packages: waits for whoever holds apt, refreshes lists only where it must, installs, mends what was interrupted.
#
# Callers set `index` (the step that progress belongs to), `proxy` (a URL, `upload`, or `-` for the host's own way),
# `own_tls` (hosts), `scratch`, `journal`. A function that fails says why in `fault`, and the end of apt's output is log.
# shellcheck disable=SC2154,SC2034

# Nobody is asked anything; local configuration files stay; needrestart restarts nothing behind our back.
export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical APT_LISTCHANGES_FRONTEND=none
export NEEDRESTART_SUSPEND=1 NEEDRESTART_MODE=l UCF_FORCE_CONFFOLD=1
# The programs of packages take the system's own modules and libraries.
unset LD_LIBRARY_PATH LD_PRELOAD PERL5LIB PERL5OPT PYTHONHOME PYTHONPATH

# With a proxy on the laptop: a file given by `-c` wins over the host's apt.conf.d, also over a dead proxy there, and
# keeps the proxy's token out of everybody's sight. Translations are worth neither the link nor the time to read them;
# those that are there stay. What is asked for is done, and nothing is taken away unasked, or with its data, whatever the
# host's apt does for others.
configure_apt() {
    apt_fresh=- downloaded=
    write_noting >"$scratch/note" && printf '%s\n' "DPkg::Pre-Install-Pkgs:: \"exec sh $scratch/note $journal\";" \
        'DPkg::Tools::Options::exec::Version "3";' '#clear Acquire::Languages;' 'Acquire::Languages "none";' >"$scratch/apt.conf"
    printf 'APT::Get::%s "false";\n' List-Cleanup AutomaticRemove Purge Download-Only Simulate Trivial-Only Print-URIs \
        >>"$scratch/apt.conf"
    [ "$proxy" != - ] || return 0
    [ "$proxy" != upload ] || open_uploads || return 1
    unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
    {
        for cleared in http::Proxy https::Proxy http::Proxy-Auto-Detect https::Proxy-Auto-Detect \
            http::ProxyAutoDetect https::ProxyAutoDetect; do
            printf '#clear Acquire::%s;\n' "$cleared"
        done
        if [ "$proxy" = upload ]; then
            printf 'Dir::Bin::Methods::%s "%s";\n' http "$uploads/method" https "$uploads/method"
        else
            printf 'Acquire::%s "%s";\n' http::Proxy "$proxy" https::Proxy "$proxy"
            copy_sources && printf 'Dir::Etc::%s "%s";\n' SourceList "$scratch/sources.list" \
                SourceParts "$scratch/sources.list.d"
        fi
        printf 'Acquire::%s "%s";\n' PDiffs false
    } >>"$scratch/apt.conf"
}

# Copies the host's sources, with http for https: the laptop speaks TLS with those mirrors itself, and so can keep what
# they send. apt's lists do not change their names by that. Sources with TLS of their own stay as they are.
copy_sources() {
    set --
    for own_tls_host in $own_tls; do
        [ "$own_tls_host" != any ] || return 1
        set -- "$@" -e "\\|https://\\([^/@]*@\\)*${own_tls_host}\\([^-._a-z0-9]\\|\$\\)|Ib"
    done
    mkdir "$scratch/sources.list.d" || return 1
    for source in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        [ ! -f "$source" ] ||
            sed "$@" -e 's|https://|http://|g' "$source" >"$scratch/${source#/etc/apt/}" || return 1
    done
}

# From now on nothing that was kept in between is believed: something on the way delivers damaged files.
ask_afresh() {
    apt_fresh=fresh
    printf 'Acquire::%s::No-Cache "true";\n' http https >>"$scratch/apt.conf"
}

# Runs apt-get with a limit of $1 seconds and tells what it does; its output goes to a file. Nothing but a purge or a
# removal of ours takes a package away.
run_apt() {
    start_apt "$@"
    end_apt
}

# Starts it beside this shell.
start_apt() {
    apt_limit=$1
    shift
    read_time
    apt_begun=$now
    apt_keeps=--no-remove
    apt_command=$1
    : >"$scratch/removable"
    case $1 in
        update) apt_subject='package lists' ;;
        purge | remove)
            apt_subject=packages apt_keeps=''
            printf '%s ' "$@" | sed 's/:[^ ]*//g' >"$scratch/removable"
            ;;
        *) apt_subject=${wanted_packages:-what is missing} ;;
    esac
    : >"$scratch/apt.log"
    apt_news=${uploads:-$scratch}/news
    rm -f -- "$apt_news" "$scratch/takes"
    mkfifo "$apt_news"
    # A redirection of the function alone would keep the lock.
    (exec 8>&- && follow_apt) <"$apt_news" &
    apt_follower=$!
    # shellcheck disable=SC2086 # a word or none
    timeout -k 60 "$apt_limit" apt-get -c "$scratch/apt.conf" -y -q $apt_keeps -o APT::Status-Fd=5 -o Dpkg::Use-Pty=0 \
        -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        -o APT::Install-Recommends=false -o APT::Install-Suggests=false \
        -o APT::Update::Error-Mode=any -o Acquire::Retries=2 \
        -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 -o APT::Color=0 \
        "$@" 5>"$apt_news" 8>&- >"$scratch/apt.log" 2>&1 </dev/null &
    apt_process=$!
    rm -f -- "$scratch/hook"
    (exec 8>&- && watch_hooks) &
    apt_watcher=$!
}

end_apt() {
    wait "$apt_process"
    apt_status=$?
    # What tells this shell to stop ends the waiting, but nothing else.
    while [ "$apt_status" -gt 128 ] && kill -0 "$apt_process" 2>/dev/null; do
        wait "$apt_process"
        apt_status=$?
    done
    wait "$apt_follower"
    kill "$apt_watcher" 2>/dev/null
    wait "$apt_watcher" 2>/dev/null
    # The files that were copied are told as those of the host.
    sed -i "s|$scratch/sources|/etc/apt/sources|g" "$scratch/apt.log"
    read_time
    if [ "$apt_status" -ge 124 ] && [ $((now - apt_begun)) -ge $((apt_limit * 100)) ]; then
        echo "E: stopped after $apt_limit s" >>"$scratch/apt.log"
    elif [ "$apt_status" -eq 137 ]; then
        echo 'E: apt-get was killed' >>"$scratch/apt.log"
    fi
    # Older versions only warn where a list could not be fetched.
    if [ "$apt_status" = 0 ] && [ "$apt_command" = update ] &&
        grep -qE '^W: (Failed to fetch|Some index files failed)' "$scratch/apt.log"; then
        apt_status=100
    fi
    return "$apt_status"
}

# A new VM may still be setting itself up, apt included.
wait_for_cloud_init() {
    cloud_waited=0
    while [ -e /run/cloud-init/enabled ] && [ ! -e /run/cloud-init/result.json ] &&
        [ ! -e /var/lib/cloud/instance/boot-finished ] && [ "$cloud_waited" -lt 300 ]; do
        if stopping; then
            fault=interrupted
            return 1
        fi
        [ $((cloud_waited % 10)) -ne 0 ] || answer "waiting cloud-init, which sets the host up"
        sleep 1
        cloud_waited=$((cloud_waited + 1))
    done
}

# Finishes what an interrupted dpkg left; after a disk that filled, apt has to complete what is missing in between.
repair_dpkg() {
    wait_for_apt || return 1
    broken=$(broken_packages | tr '\n' ' ')
    answer "note finishing what dpkg left half-done: ${broken:-what others need}"
    configure_all
    if ! apt-get check -q >/dev/null 2>&1 || [ -n "$(dpkg --audit 2>/dev/null)" ]; then
        tail -n 20 "$scratch/apt.log"
        have_all_lists || refresh_lists || return 1
        # Where we left nothing, what it adds is for others.
        [ -e "$journal/new-packages" ] || [ -e "$journal/before-packages" ] || export repairing=1
        run_apt 1800 -f install || explain_apt
        unset repairing
        configure_all
    fi
    if apt-get check -q >"$scratch/apt.log" 2>&1; then
        fault=
    else
        [ -n "$fault" ] || explain_apt
        return 1
    fi
}

configure_all() {
    timeout 1800 dpkg --force-confdef --force-confold --configure -a >"$scratch/apt.log" 2>&1 </dev/null
}

# Whether every package in $@ can be installed by what is known.
have_candidates() {
    for candidate_name in "$@"; do
        LC_ALL=C apt-cache -c "$scratch/apt.conf" policy -- "$candidate_name" 2>/dev/null | grep -q '^  Candidate: [^(]' || return 1
    done
}

# A broken source of no concern does not stop us: what counts is that what we need can be had afterwards.
refresh_lists() {
    wait_for_apt || return 1
    progress "refreshing package lists"
    # Lists of which some are missing look like lists of all that there is: a refresh that is cut short is made again.
    : >"$journal/lists-due"
    until run_apt 300 update; do
        explain_apt
        [ "$fault" != interrupted ] || return 1
        # shellcheck disable=SC2086 # a list of names
        if have_candidates $wanted_packages; then
            case $fault in
                apt-hook*) answer "aside $fault" ;;
                *) answer "source $fault" ;;
            esac
            break
        fi
        case $apt_fresh/$fault in
            -/apt-hash*) ask_afresh ;;
            *) return 1 ;;
        esac
    done
    rm -f -- "$journal/lists-due"
    fault=
}

have_all_lists() {
    [ ! -e "$journal/lists-due" ] && have_lists
}

# Has apt download what $@ needs, until it is about to begin with dpkg and waits: a start of its own for each would cost
# another look at its lists. Only what comes before dpkg can be cut short without harm: it has a limit of its own, and what
# tells this run to stop ends it at once.
begin_install() {
    # A package that was removed, and its files with it, would come back without them.
    restored=$(for installed_name in "$@"; do
        [ -z "$(lost_conffiles "$installed_name")" ] || printf '%s ' "$installed_name"
    done)
    restores=
    [ -z "$restored" ] || restores='-o Dpkg::Options::=--force-confmiss'
    mkfifo "$scratch/taken" || return 1
    exec 8<>"$scratch/taken"
    flock 8
    [ ! -e "$scratch/stop" ] || echo stop >&8
    # shellcheck disable=SC2086 # two words or none
    start_apt 3000 install $restores "$@"
    apt_waits=yes
    case $(timeout 1200 head -n 1 <&8) in
        taken) return 0 ;;
        stop) kill "$apt_process" ;;
        '')
            printf '%s' "$(running_hook | cut -d ' ' -f 2-)" >"$scratch/hook"
            kill "$apt_process"
            apt_limit=1200
            ;;
    esac
    leave_apt
}

# Has the apt that waits go on with dpkg.
agree() {
    : >"$scratch/agreed"
    leave_apt
}

# Lets go of the apt that waits: it ends without a change unless that was agreed.
leave_apt() {
    apt_waits='' downloaded=
    exec 8>&-
    end_apt
    apt_left=$?
    rm -f -- "$scratch/taken" "$scratch/agreed"
    return "$apt_left"
}

# Downloads what $@ needs, refreshing the lists only where that may help, each remedy once.
download_packages() {
    [ "$downloaded" != "$*" ] || return 0
    [ -z "$apt_waits" ] || leave_apt
    have_all_lists || refresh_lists || return 1
    remedies=
    until begin_install "$@"; do
        explain_apt
        if stopping; then
            fault=interrupted
            return 1
        fi
        case $fault in
            apt-locked*) remedy='wait' ;;
            # Packages that fit no other may be those of old lists, or of some.
            apt-unknown* | apt-stale* | apt-held* | apt-depends*) remedy=refresh ;;
            apt-hash*) remedy=clean ;;
            apt-interrupted | apt-unmet*) remedy=repair ;;
            *) return 1 ;;
        esac
        case " $remedies " in
            *" $remedy "*) return 1 ;;
        esac
        remedies="$remedies $remedy"
        why=$fault fault=
        case $remedy in
            wait) wait_for_apt || return 1 ;;
            refresh) refresh_lists || return 1 ;;
            clean)
                ask_afresh
                { run_apt 120 clean && refresh_lists; } || { fault=$why && return 1; }
                ;;
            repair) repair_dpkg || return 1 ;;
        esac
    done
    downloaded=$*
}

# Prints a line for each architecture that dpkg has package $1 of.
how_installed() {
    # shellcheck disable=SC2016 # dpkg-query expands it
    dpkg-query -W -f '${db:Status-Status} ${Multi-Arch}/${Architecture}\n' -- "$1" 2>/dev/null
}

# Whether package $1 is installed; of one that may stand beside itself for several architectures, the host's own counts
# unless its name says which.
is_installed() {
    # A dpkg that does not answer is asked once more: what follows from this is told of the package.
    installed_as=$(how_installed "$1") || [ $? -eq 1 ] || installed_as=$(how_installed "$1")
    while read -r installed_status installed_kind; do
        case $installed_status/$1/$installed_kind in
            installed/*:*/*) return 0 ;;
            installed/*/same/*) [ "${installed_kind#*/}" != "$(dpkg --print-architecture)" ] || return 0 ;;
            installed/*) return 0 ;;
        esac
    done <<END
$installed_as
END
    return 1
}

are_installed() {
    for installed_name in "$@"; do
        is_installed "$installed_name" || return 1
    done
}

# Installs $@, and records what came with it also where it fails.
install_packages() {
    # A repair may have installed them.
    ! are_installed "$@" || return 0
    [ -n "$apt_waits" ] || { wait_for_cloud_init && wait_for_apt; } || return 1
    download_and_install "$@"
    installed=$?
    why=$fault
    record_packages || [ -n "$why" ] || return 1
    fault=$why
    return "$installed"
}

download_and_install() {
    download_packages "$@" || return 1
    if stopping; then
        fault=interrupted
        return 1
    fi
    if [ -n "$apt_waits" ] && ! agree; then
        explain_apt
        return 1
    fi
    # Its own script goes on as if it still had what it made besides when it was first installed.
    for installed_name in $restored; do
        DPKG_MAINTSCRIPT_PACKAGE=$installed_name "/var/lib/dpkg/info/$installed_name.postinst" configure \
            </dev/null >>"$scratch/apt.log" 2>&1
    done
    for installed_name in "$@"; do
        if ! is_installed "$installed_name"; then
            tail -n 20 "$scratch/apt.log"
            fault="apt-virtual $installed_name"
            return 1
        fi
    done
}
