#!/bin/sh
# Packages of others, for the rows that need them: /root/NAME.deb.
set -e

deb() { # NAME VERSION CONTROL POSTINST [FILE]
    folder=$(mktemp -d)
    mkdir -p "$folder/DEBIAN" "$folder/opt/$1"
    echo mine >"$folder/opt/$1/notes"
    printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: x <x@x.org>\nDescription: x\n%b' "$1" "$2" "$3" \
        >"$folder/DEBIAN/control"
    [ -z "${5-}" ] || install -D "$folder/opt/$1/notes" "$folder/$5"
    if [ -n "$4" ]; then
        printf '#!/bin/sh\n%s\n' "$4" >"$folder/DEBIAN/postinst"
        chmod 755 "$folder/DEBIAN/postinst"
    fi
    dpkg-deb --root-owner-group -b "$folder" "/root/$1.deb" >/dev/null
    rm -r "$folder"
}

deb labtool 1.0 'Depends: libnothing-of-that-name\n' ''
deb campus-web 1.0 'Conflicts: apache2\n' ''
deb edtool 1.0 'Depends: ed\n' ''
deb linux-image-old 1.0 '' 'echo "gzip: stdout: No space left on device"; exit 1'
deb squid-words 1.0 '' 'echo "Creating Squid HTTP Proxy 3.x"; exit 1'
deb apache2-bin 99.0-1local '' ''
deb campus-ctl 1.0 '' '' usr/sbin/a2query
deb forgotten 1.0 '' ''
deb needs-apache 1.0 'Depends: apache2\n' ''
