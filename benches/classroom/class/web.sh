#!/bin/sh
# The class script of a web host, run in a folder with its files.
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends apache2 python3 >/dev/null
cp index.html /var/www/html/index.html
mkdir -p /opt/socket
cp -r socket/. /opt/socket
systemctl restart apache2
