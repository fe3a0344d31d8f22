"""The class as a deploy of pyinfra."""

from pyinfra import host
from pyinfra.operations import apt, files, systemd

class_files = f"{host.data.class_files}/{host.name}"

if "web" in host.groups:
    apt.packages(
        name="Packages",
        packages=["apache2", "python3"],
        update=True,
        cache_time=3600,
        no_recommends=True,
        _sudo=True,
    )
    files.put(
        name="Page",
        src=f"{class_files}/index.html",
        dest="/var/www/html/index.html",
        mode="644",
        _sudo=True,
    )
    files.sync(
        name="Socket lab",
        src=f"{class_files}/socket",
        dest="/opt/socket",
        mode="644",
        dir_mode="755",
        _sudo=True,
    )
    systemd.service(name="Service", service="apache2", running=True, enabled=True, _sudo=True)

if "balancer" in host.groups:
    apt.packages(
        name="Package",
        packages=["haproxy"],
        update=True,
        cache_time=3600,
        no_recommends=True,
        _sudo=True,
    )
    configuration = files.put(
        name="Configuration",
        src=f"{class_files}/haproxy.cfg",
        dest="/etc/haproxy/haproxy.cfg",
        mode="644",
        _sudo=True,
    )
    systemd.service(name="Service", service="haproxy", running=True, enabled=True, _sudo=True)
    systemd.service(
        name="Reload HAProxy",
        service="haproxy",
        reloaded=True,
        _sudo=True,
        _if=configuration.did_change,
    )
