# Examines a host before class and answers all that a preflight judges, as root where root was gained, else as far as
# the login sees. It writes nothing, but for a directory while it asks a mirror.
#
# In:  nonce · journal directory · run directory · the inventory as in journal.rs, or nothing · `HASH PATH` … `.` ·
#      package … `.` · command … `.` · `SERVICE CHECK`, a command in base64 or `-` … `.` · port … `.` · `ADDRESS PORT SSH-PORT` … `.` · path of a leftover … `.` ·
#      `PATTERN PATH`, a pattern of lines in base64 … `.` · service that is started with a file … `.` · name of a server … `.` ·
#      path for everybody … `.` · `mirror` or `-`
# Out: begin · clock · os · machine · addresses · no-ipv6 · systemd · disk · read-only · name · boot · key ·
#      memory · all that observe.sh tells of paths and the journal, as root · architecture · package · dpkg-interrupted ·
#      stripped · leftover · root · now · undo · needed · leaving · foreign · lines · closed · leads · no-loopback ·
#      no-python · bad-python · python-variable · python-said · unit or service · started · failing · rejects · nameless · apt-lock ·
#      cloud-init · port · peer · peers-done · removes · unmet · refuses · no-lists · closed-tmp · closed-key · barred ·
#      gone · fixed-accounts · other-release · excludes · mirror · distrusts · end; before them `no-root CODE` where
#      become.sh went on without root
# shellcheck disable=SC2154,SC2034 # from place.sh; read in paths.sh

exec 2>&1
# A hang-up ends it; whatever is slow below runs under `timeout`.
hang_up() { kill -TERM "$$"; }

# Answers `stripped PACKAGE FILE` where a package is installed and a folder of its configuration is gone.
tell_stripped() {
    case "$missing " in *" $1 "*) return 0 ;; esac
    lost_conffiles "$1" | while IFS= read -r file; do
        if ! [ -e "${file%/*}" ]; then
            answer "stripped $1 $file"
            break
        fi
    done
}

# Answers `distrusts main WORDS`, or `distrusts other WORDS` of another mirror than that of `release`, where apt does not
# believe what a mirror says of itself: it has expired, or is signed by nobody known. Only that is fetched, into folder $1,
# and nothing that others have apt do after an update is done.
tell_distrusted() {
    scratch=$(mktemp -d "$1/provision.$$.XXXXXX") || return 0
    # Where its own user can't go, apt reads keys as root, which an update doesn't.
    chmod 755 "$scratch"
    mkdir -p "$scratch/lists/partial"
    cp -p /var/lib/apt/lists/*Release "$scratch/lists" 2>/dev/null
    {
        for cleared in Acquire::IndexTargets APT::Update::Pre-Invoke APT::Update::Post-Invoke APT::Update::Post-Invoke-Success; do
            printf '#clear %s;\n' "$cleared"
        done
        printf 'Dir::%s "%s";\n' State::Lists "$scratch/lists" Cache::pkgcache '' Cache::srcpkgcache ''
    } >"$scratch/apt.conf"
    LC_ALL=C timeout 20 apt-get -c "$scratch/apt.conf" -q -o Acquire::Retries=0 -o Acquire::http::Timeout=5 \
        -o Acquire::https::Timeout=5 update 2>&1 </dev/null |
        grep -E '^[EW]: .*(expired|not valid yet|changed its|NO_PUBKEY|EXPKEYSIG|REVKEYSIG|BADSIG)' | head -n 5 |
        while IFS= read -r line; do
            whose=other
            case $line in *"$(mirror_name)"*) whose=main ;; esac
            answer "distrusts $whose ${line#?: }"
        done
    rm -rf "$scratch"
}

# Answers `excludes PATTERN` for what dpkg is told to leave out of packages and services need.
tell_excluded() {
    sed -nE 's/^ *path-exclude[ =]+//p' /etc/dpkg/dpkg.cfg /etc/dpkg/dpkg.cfg.d/* 2>/dev/null |
        grep -E '^(/etc|/usr/s?bin|/usr/lib|/lib|/s?bin)?/?\*|^/(etc|usr/s?bin|usr/lib|lib|s?bin|var)/' | head -n 5 |
        while IFS= read -r pattern; do
            answer "excludes $pattern"
        done
}

# Answers `rejects SERVICE WORDS` where the command $2 does not accept the files of service $1 as they are.
tell_rejected() {
    words=$([ "$2" = - ] || printf '%s' "$2" | base64 -d)
    # What comes with a package is not there yet.
    PATH=$(packaged) command -v "${words%% *}" >/dev/null 2>&1 || return 0
    # shellcheck disable=SC2086 # the words of a command
    said=$(PATH=$(packaged):$PATH timeout 20 $words 2>&1 </dev/null) || answer "rejects $1 $(printf '%s' "$said" | head -c 4000 | base64 -w 0)"
}

# Answers `closed` for each folder above $1 that neither everybody may enter nor a group that is not root's: that may be
# the one whose programs need it.
tell_closed() {
    above=${1%/*}
    while [ -n "$above" ]; do
        # shellcheck disable=SC2012 # of all tools, it alone tells by `+` that the mode does not say all
        case $(ls -ldL -- "$above" 2>/dev/null | { read -r mode _ _ group _ && echo "$mode $group"; }) in
            ?????????[xt]* | *+* | "") ;;
            ??????[xs]*" root" | ??????[!xs]*) answer "closed $above" ;;
        esac
        above=${above%/*}
    done
}

IFS= read -r journal
IFS= read -r run_root
IFS= read -r maker

answer "begin $me"
answer "clock $(date +%s)"
tell_machine
[ "$me" != 0 ] || tell_read_only /etc /var
name=$(uname -n)
answer "name $name"
{ read -r boot </proc/sys/kernel/random/boot_id && answer "boot $boot"; } 2>/dev/null
for key in /etc/ssh/ssh_host_*_key.pub; do
    { read -r kind blob _ <"$key" && answer "key $kind $blob"; } 2>/dev/null
done
memory=
while read -r label kilobytes _; do
    case $label in
        MemTotal: | MemAvailable: | SwapFree:) memory="$memory $kilobytes" ;;
    esac
done </proc/meminfo
answer "memory$memory"

read_paths
if [ "$me" = 0 ]; then
    tell_paths
    tell_journal
    tell_odd
fi
set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "$line"
done
read_commands
missing='' absent='' wanted_packages=$*
if command -v dpkg-query >/dev/null 2>&1; then
    tell_packages "$@"
    tell_interrupted
    for package in "$@"; do
        tell_stripped "$package"
    done
fi
checks=
set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "${line%% *}"
    checks="$checks$line
"
done
named=$*
ports=
while IFS= read -r line && [ "$line" != . ]; do
    ports="$ports $line"
done
peers=
while IFS= read -r line && [ "$line" != . ]; do
    peers="$peers$line
"
done
while IFS= read -r line && [ "$line" != . ]; do
    [ ! -e "$line" ] || answer "leftover $line"
done
index=0
while IFS= read -r line && [ "$line" != . ]; do
    pattern=$(printf '%s' "${line%% *}" | base64 -d)
    path=${line#* }
    [ ! -r "$path" ] || answer "lines $index $(grep -cE -e "$pattern" -- "$path")"
    index=$((index + 1))
done
started=
while IFS= read -r line && [ "$line" != . ]; do
    started="$started $line"
done
read_names
while IFS= read -r line && [ "$line" != . ]; do
    tell_closed "$line"
done
IFS= read -r mirror
watch_stdin hang_up

tell_services "$@"
# shellcheck disable=SC2086 # a list of names
tell_started $started
tell_failing "$@"
if [ "$me" = 0 ]; then
    # shellcheck disable=SC2086 # a list of names
    find_unwanted $wanted_packages
    tell_unwanted
fi
if [ "$me" = 0 ]; then
    printf '%s' "$checks" | while read -r service check; do
        tell_rejected "$service" "$check"
    done
fi

tell_names "$names"
tell_loopback
case " $wanted_packages " in
    *" python3 "*)
        # One that is missing is installed.
        case "$missing " in
            *" python3 "*) ;;
            *) ! find_python "$me" || tell_python "$me" ;;
        esac
        ;;
esac
# sudo looks the host's own name up each time.
timeout 2 getent hosts "$name" >/dev/null 2>&1 || answer nameless
holder=$(apt_lock_holder)
[ -z "$holder" ] || answer "apt-lock $holder"
if [ -e /run/cloud-init/enabled ] && [ ! -e /run/cloud-init/result.json ] &&
    [ ! -e /var/lib/cloud/instance/boot-finished ]; then
    answer cloud-init
fi
for port in $ports; do
    holders=$(port_holders "$port")
    # Without root, only that somebody listens is seen.
    [ -n "$holders" ] || [ -z "$(listener_inodes "$port")" ] || holders='?'
    [ -z "$holders" ] || printf '%s\n' "$holders" | while IFS= read -r line; do
        answer "port $port $line"
    done
done

# All at once; who has not answered by the end of the time is out of reach. A refused connection may have reached its
# host or a firewall: what its SSH port says then tells more.
# Only bash opens connections by itself, and it is not on every host.
if [ -n "$peers" ] && command -v bash >/dev/null 2>&1; then
    # shellcheck disable=SC2016 # bash expands it
    printf '%s' "$peers" | timeout 3 bash -c '
        index=0
        while read -r address port ssh_port; do
            {
                said=$(: 2>&1 <>"/dev/tcp/$address/$port")
                case $?:$said in
                    0:*) echo "$index reached" ;;
                    *refused*)
                        echo "$index refused"
                        said=$(: 2>&1 <>"/dev/tcp/$address/$ssh_port")
                        case $?:$said in
                            [!0]*refused*) echo "$index rejected" ;;
                        esac
                        ;;
                    *"not known"* | *resol*) echo "$index unknown" ;;
                    *) echo "$index unreachable" ;;
                esac
            } 2>/dev/null &
            index=$((index + 1))
        done
        wait' 2>/dev/null | while IFS= read -r line; do
        answer "peer $line"
    done
    answer peers-done
fi

if [ -n "$missing" ]; then
    tell_outlook
    tell_excluded
    scratch_folder=/run
    [ "$me" = 0 ] || scratch_folder=${TMPDIR:-/tmp}
    gone=
    # What comes through the laptop comes by the host's sources all the same.
    if [ "$mirror" != mirror ] && names_mirror; then
        :
    elif [ "$mirror" = mirror ] && mirror_answers "$scratch_folder"; then
        answer "mirror yes"
        tell_distrusted "$scratch_folder"
    else
        silent=
        [ -z "$release" ] || silent=$(mirror_name)
        # One of another scheme is none of its business, nor where the host itself looks the name up.
        case $said in
            '') proxy=$(own_proxies | head -n 1) ;;
            *) proxy=$(blamed_proxy "$said") ;;
        esac
        if [ -n "$unreadable" ]; then
            answer "mirror no - unreadable $unreadable"
        elif [ -n "$gone" ]; then
            without=${release%/InRelease}
            answer "mirror no $silent without ${without##*/dists/}"
        elif [ -z "$silent" ]; then
            answer "mirror no none"
        elif words=$(printf '%s\n' "$said" | grep -m 1 -E '[Cc]ertificate verif|No system certificates'); then
            answer "mirror no $silent certificate $(printf '%s' "$words" | sed 's/^E: *[^ ]*  *//;s/ *\[IP: .*//')"
        elif [ -n "$proxy" ]; then
            # Names are then the proxy's business.
            answer "mirror no $silent proxy $proxy"
        elif timeout 3 getent ahosts "$silent" >/dev/null 2>&1; then
            answer "mirror no $silent resolved"
        else
            answer "mirror no $silent unknown"
        fi
    fi
fi

unwatch
answer "end ok"
