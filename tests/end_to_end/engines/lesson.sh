#!/bin/sh
# A lesson on practice hosts of podman, from nothing to nothing. Prints what the test asks of it, each after `==`.
#
# Arguments: the tool, the lab's name, how many web hosts, an archive of the plain system that hosts are made of (kept
# there where there is none), more flags of the demo.
set -eu
tool=$1
lab=$2
web=$3
base=$4
shift 4
last=web0$web
cd "$HOME"
trap '"$tool" lab down --name "$lab" >&2; podman rm --all --force >&2; podman image rm --all --force >&2' EXIT
trap 'exit 1' TERM

# The host and the page that a browser would see.
page() {
    curl --silent --max-time 5 "http://$1/" | grep -o '<h1>[^<]*' || true
}

if [ -e "$base" ]; then podman load --quiet --input "$base" >&2; fi
"$tool" demo --name "$lab" --web "$web" "$@" >outcome
if [ ! -e "$base" ]; then podman save --quiet --output "$base" localhost/provision-base:bookworm; fi
cat outcome
front=$(grep -o 'http://[^/]*' outcome | head -n 1)
front=${front#http://}
echo "== pages"
for _ in 1 2 3 4; do
    page "$front"
done
inventory=$("$tool" lab list -o json | grep -o '"inventory": *"[^"]*"' | cut -d '"' -f 4)
echo "== exec"
"$tool" lab exec --name "$lab" web01 -- hostname
"$tool" lab exec --name "$lab" web01 -- systemctl is-system-running
echo "== cable pulled"
"$tool" lab link web01 down --name "$lab"
for _ in 1 2 3 4; do
    page "$front"
done
"$tool" lab link web01 up --name "$lab"
echo "== stopped host"
podman stop --time 1 "provision.$lab.$last" >/dev/null
"$tool" lab list
"$tool" lab up --name "$lab" --web "$web" >/dev/null
"$tool" verify "$inventory"
echo "== left"
"$tool" lab down --name "$lab"
podman ps --all --quiet
podman network ls --filter label=provision.lab --quiet
find "$HOME" -path '*labs/*'
echo "== end"
