# Looks at a host once and answers everything that was asked. It writes nothing, but for a directory under /run while
# it asks a mirror.
#
# In:  nonce · journal directory · run directory · `HASH PATH` … `.` · package … `.` · `SERVICE PORT …` … `.` ·
#      `mirror` or `-`
# Out: begin · os · architecture · machine · systemd · disk · read-only · present · stat · sum · content · link ·
#      journal · due · package · dpkg-interrupted · unit or service · port · own-tls · sources · mirror · end

exec 2>&1
# A hang-up ends it; whatever is slow below runs under `timeout`.
hang_up() { kill -TERM "$$"; }

IFS= read -r journal
IFS= read -r run_root

answer "begin $(id -u)"
if ! command -v dpkg-query >/dev/null 2>&1; then
    answer "refused no-dpkg"
    answer "end refused"
    exit 0
fi

while IFS= read -r line; do
    case $line in
        ID=* | VERSION_ID=* | PRETTY_NAME=*) answer "os $line" ;;
    esac
done </etc/os-release
answer "architecture $(dpkg --print-architecture)"
machine=
{ read -r machine </etc/machine-id; } 2>/dev/null
answer "machine $machine"
tell_systemd
answer "disk $(stat -f -c '%a %S' /var)"
if ! [ -w /etc ] || ! [ -w /var ]; then
    answer read-only
fi

# Paths are numbered as they come; the numbers below name them.
index=0
present=
files=
links=
set --
while IFS= read -r line && [ "$line" != . ]; do
    path=${line#* }
    # shellcheck disable=SC2034 # read through eval
    want=${line%% *}
    eval "path_$index=\$path want_$index=\$want"
    if [ -L "$path" ]; then
        links="$links $index"
    elif [ -f "$path" ]; then
        files="$files $index"
    fi
    if [ -L "$path" ] || [ -e "$path" ]; then
        present="$present $index"
        set -- "$@" "$path"
    fi
    index=$((index + 1))
done
answer "present$present"
if [ $# -gt 0 ]; then
    stat -c '%f %U:%G %s' -- "$@" | while IFS= read -r line; do
        answer "stat $line"
    done
fi

set --
for index in $files; do
    eval "set -- \"\$@\" \"\$path_$index\""
done
if [ $# -gt 0 ]; then
    # shellcheck disable=SC2154 # set through eval
    sha256sum -- "$@" | for index in $files; do
        read -r sum _ || break
        sum=${sum#\\}
        answer "sum $index $sum"
        eval "path=\$path_$index want=\$want_$index"
        if [ "$want" != - ] && [ "$want" != "$sum" ] && [ "$(stat -c %s -- "$path")" -le 262144 ]; then
            answer "content $index $(base64 -w 0 -- "$path")"
        fi
    done
fi
for index in $links; do
    eval "path=\$path_$index"
    answer "link $index $(readlink -n -- "$path" | base64 -w 0)"
done

for record in "$journal"/entries/*/record; do
    if [ -f "$record" ] && IFS= read -r line <"$record"; then
        answer "journal $line"
    fi
done
for due in "$journal"/due/*; do
    if [ -d "$due" ]; then
        answer "due ${due##*/}"
    fi
done

set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "$line"
done
missing=
if [ $# -gt 0 ]; then
    newline='
'
    # shellcheck disable=SC2016 # dpkg-query expands it
    known=$newline$(dpkg-query -W -f '${Package}=${db:Status-Status}= ${db:Status-Want} ${Version}\n' -- "$@" 2>/dev/null)
    printf '%s\n' "$known" | while IFS= read -r line; do
        [ -z "$line" ] || answer "package $line"
    done
    for package in "$@"; do
        case $known in
            *"$newline$package=installed="*) ;;
            *) missing=1 ;;
        esac
    done
fi
interrupted=
for update in /var/lib/dpkg/updates/[0-9]*; do
    [ ! -e "$update" ] || interrupted=1
done
if [ -n "$interrupted" ] ||
    grep -qE '^Status: [a-z]+ (reinstreq|[a-z]+ (half-installed|unpacked|half-configured|triggers-))' /var/lib/dpkg/status; then
    answer dpkg-interrupted
fi

ports=
set --
while IFS= read -r line && [ "$line" != . ]; do
    set -- "$@" "${line%% *}"
    case $line in
        *" "*) ports="$ports ${line#* }" ;;
    esac
done
IFS= read -r mirror
watch_stdin hang_up

idle=
tell_services "$@"
# Who holds the ports matters only where a service does not run.
if [ -n "$idle" ]; then
    for port in $ports; do
        port_holders "$port" | while IFS= read -r line; do
            answer "port $port $line"
        done
    done
fi

# Whether one release file of the host's own sources arrives, with the host's own proxies, within a short time.
mirror_answers() {
    # shellcheck disable=SC2016 # apt-get expands it
    sources=$(timeout 10 apt-get indextargets --format '$(URI)' 2>/dev/null) || return 1
    release=
    for source in $sources; do
        case $source in
            file:* | copy:* | cdrom:*) return 0 ;;
            */debian/dists/* | */ubuntu/dists/* | */ubuntu-ports/dists/* | */debian-security/dists/*) ;;
            */dists/*) [ -z "$release" ] || continue ;;
            *) continue ;;
        esac
        suite=${source#*/dists/}
        release=${source%%/dists/*}/dists/${suite%%/*}/InRelease
        case $source in
            */debian/dists/* | */ubuntu/dists/* | */ubuntu-ports/dists/*) break ;;
        esac
    done
    [ -n "$release" ] || return 1
    scratch=$(mktemp -d "$run_root/provision.$$.XXXXXX") || return 1
    timeout 8 /usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=5 -o Acquire::https::Timeout=5 \
        download-file "$release" "$scratch/release" >/dev/null 2>&1
    grep -qE '^(Suite|Codename):' "$scratch/release" 2>/dev/null
    reached=$?
    rm -rf "$scratch"
    return "$reached"
}

# Hosts whose https sources nobody else can read for this host: those for which it has a key, an authority or a login
# of its own, and those in mirror lists, which cannot be rewritten. `any` stands for all.
hosts_with_own_tls() {
    LC_ALL=C timeout 10 apt-config dump 2>/dev/null |
        sed -n -e 's/^Acquire::https::\([^:]*\)::\(SslCert\|SslKey\|CaInfo\|IssuerCert\|CrlFile\) "..*";$/\1/p' \
            -e 's/^Acquire::https::\(SslCert\|SslKey\|CaInfo\|IssuerCert\|CrlFile\) "..*";$/any/p'
    cat /etc/apt/auth.conf /etc/apt/auth.conf.d/*.conf 2>/dev/null | tr -s '[:space:]' '[\n*]' |
        sed -n '/^machine$/{n;s|^[a-z+]*://||;s|[:/].*||;p;}'
    sed -n 's|.*https://[^/@ ]*@\([^/: ]*\).*|\1|p' /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
        /etc/apt/sources.list.d/*.sources 2>/dev/null
    sed -n 's|^[[:space:]]*https://\([^/:[:space:]]*\).*|\1|p' /etc/apt/mirrors/* 2>/dev/null
}
if [ -n "$missing" ]; then
    answer "own-tls $(hosts_with_own_tls | sort -u | head -n 64 | tr '\n' ' ')"
    sources=$(grep -hs '' /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
        /etc/apt/mirrors/* | head -c 262144 | base64 -w 0)
    answer "sources $sources"
fi
if [ -n "$missing" ] && [ "$mirror" = mirror ]; then
    if mirror_answers; then
        answer "mirror yes"
    else
        answer "mirror no"
    fi
fi

unwatch
answer "end ok"
