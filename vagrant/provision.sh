#!/bin/sh
# Makes a new machine a host of the ssh world. Vagrant calls it as root: NAME PUBLIC_KEY
set -eu
name=$1 key=$2

hostname "$name"
echo "$name" >/etc/hostname
grep -q " $name\$" /etc/hosts || echo "127.0.1.1 $name" >>/etc/hosts

# A box from elsewhere may lack what cuts links; ours has it.
if ! command -v nft >/dev/null; then
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nftables
fi

# For faults of names, nodes have one of their own laid over it. None is like an empty one.
[ -e /etc/resolv.conf ] || { rm -f /etc/resolv.conf; : >/etc/resolv.conf; }

# Clocks are ours to set and are not to be set right behind our back.
for service in systemd-timesyncd chrony ntp ntpsec; do
  if systemctl -q is-enabled "$service" 2>/dev/null; then
    systemctl -q disable --now "$service"
  fi
done

# Last, since Vagrant's connections are made with one of the keys that stand here.
home=$(getent passwd vagrant | cut -d: -f6)
echo "$key" >"$home/.ssh/authorized_keys"
