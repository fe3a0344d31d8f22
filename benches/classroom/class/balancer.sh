#!/bin/sh
# The class script of the balancer, run in a folder with its files.
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends haproxy >/dev/null
cp haproxy.cfg /etc/haproxy/haproxy.cfg
systemctl restart haproxy
