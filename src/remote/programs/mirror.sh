# Asks a host's own package sources, in the programs that look at a host. Follows lists.sh.
# shellcheck disable=SC2034 # read by these

# Whether the host's own sources name a mirror. Sets `release` to the URL of its release file, `at_hand` where its
# packages lie on the host itself, and `unreadable` to what apt says of sources or settings that it cannot read.
names_mirror() {
    release='' at_hand='' unreadable=''
    # By its release files apt would know no source of an image that has never seen an update.
    # shellcheck disable=SC2016 # apt-get expands it
    sources=$(index_targets --no-release-info --format '$(METAKEY) $(URI)' 2>/dev/null) || {
        unreadable=$(index_targets 2>&1)
        # What has no error of apt's in it is of another program in its place.
        unreadable=$(printf '%s\n' "$unreadable" | grep -m 1 '^E: ' ||
            printf '%s: %s' "$(command -v apt-get)" "$(printf '%s\n' "$unreadable" | tail -n 1)")
        return 1
    }
    while read -r index source; do
        asked=${source%"$index"}InRelease
        case $source in
            # The disc that a machine was set up from is seldom in its drive.
            cdrom:* | '') ;;
            file:* | copy:*) at_hand=1 ;;
            # What lies in a folder beside these are packages of somebody's own.
            */debian/dists/* | */ubuntu/dists/* | */ubuntu-ports/dists/* | */debian.list/dists/*)
                release=$asked
                at_hand=
                break
                ;;
            */debian-security/dists/*) release=$asked ;;
            *) release=${release:-$asked} ;;
        esac
    done <<END
$sources
END
    [ -n "$at_hand$release" ]
}

# Whether one release file of the host's own sources arrives, with the host's own proxies, within a short time. Sets
# `gone` where its mirror answers that it has no such release, `said` to apt's words, and what `names_mirror` sets. The directory $1 has room
# for it meanwhile.
mirror_answers() {
    gone='' said=''
    names_mirror || return 1
    [ -z "$at_hand" ] || return 0
    scratch=$(mktemp -d "$1/provision.$$.XXXXXX") || return 1
    reached=1
    # A mirror may have the file with its signature beside it.
    for asked in "$release" "${release%InRelease}Release"; do
        said=$(timeout 8 /usr/lib/apt/apt-helper -o Acquire::Retries=0 -o Acquire::http::Timeout=5 \
            -o Acquire::https::Timeout=5 download-file "$asked" "$scratch/release" 2>&1)
        if grep -qE '^(Suite|Codename):' "$scratch/release" 2>/dev/null; then
            reached=0 gone=
            break
        fi
        case $said in
            *' 404 '*) gone=1 ;;
            *) break ;;
        esac
    done
    rm -rf "$scratch"
    return "$reached"
}

# Prints the name or address of the mirror of `release`, without its login and port.
mirror_name() {
    mirror=$release
    case $mirror in
        # Images of clouds name their mirrors in a list.
        mirror+file:*)
            list=${mirror#mirror+file:}
            mirror=$(grep -m 1 -oE '^[a-z+]+://[^[:space:]]+' "${list%%/dists/*}" 2>/dev/null)
            ;;
    esac
    mirror=${mirror#*://}
    mirror=${mirror%%/*}
    mirror=${mirror##*@}
    case $mirror in
        \[*)
            mirror=${mirror#?}
            mirror=${mirror%%\]*}
            ;;
        *) mirror=${mirror%%:*} ;;
    esac
    printf '%s\n' "$mirror"
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
