# shellcheck shell=dash disable=SC2013,SC2034
# What the scripts that run inside the guests share. busybox sh.
set -u
hierarchies=$(awk '$3 ~ /^cgroup2?$/ { print $2 }' /proc/mounts)

say() { # NAME VALUE...: a fact for the judge outside
  name=$1
  shift
  echo "@$name $*"
}

make_cgroup() { # PATH...: in every hierarchy
  for path; do
    for root in $hierarchies; do
      mkdir -p "$root/$path"
    done
  done
}

# run_in CGROUP COMMAND...: in that cgroup of every hierarchy.
run_in() {
  cgroup=$1
  shift
  for root in $hierarchies; do
    sh -c 'echo $PPID >"$0"' "$root/$cgroup/cgroup.procs"
  done
  exec "$@"
}

enable_controllers() { # PATH: for the children of a v2 cgroup
  for root in $hierarchies; do
    [ -e "$root/$1/cgroup.subtree_control" ] || continue
    for controller in $(cat "$root/$1/cgroup.controllers"); do
      echo "+$controller" >"$root/$1/cgroup.subtree_control"
    done
  done
}

# How every configuration of collectd begins: what it says and publishes goes to
# /out.
collectd_head() { # INTERVAL
  cat <<CONF
Hostname "guest"
FQDNLookup false
Interval $1
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File "/out/collectd.log"
  Timestamp true
  PrintSeverity true
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "/out/csv"
  StoreRates true
</Plugin>
CONF
}

# start_collectd INTERVAL <OPTIONS: unprivileged, with CAP_PERFMON and nothing
# else. Told: paranoid, 2 by default.
start_collectd() {
  # Debian's kernels begin with 3, where CAP_PERFMON is not enough.
  echo "${paranoid-2}" >/proc/sys/kernel/perf_event_paranoid
  mkdir -p /var/lib/collectd
  {
    collectd_head "$1"
    echo "LoadPlugin cpi
<Plugin cpi>
$(cat)
</Plugin>"
  } >/etc/collectd.conf
  chown -R collectd:collectd /var/lib/collectd /out
  chmod 755 /out
  /usr/bin/setpriv --reuid collectd --regid collectd --clear-groups \
    --inh-caps +perfmon --ambient-caps +perfmon \
    /usr/sbin/collectd -f -C /etc/collectd.conf &
  collectd=$!
}

stop_collectd() {
  kill "$collectd"
  wait "$collectd"
  say collectd_status $?
}

# install_helper <JSON: the package's part, with the root's configuration.
install_helper() {
  mkdir -p /etc/collectd-cpi
  mkdir -p /run/collectd-cpi
  chmod 700 /run/collectd-cpi
  cat >/etc/collectd-cpi/actuator.json
  chgrp collectd "$helper"
  chmod 4750 "$helper"
}
helper=/usr/libexec/collectd-cpi/cpi-actuator

# ask NAME VERB...: as collectd would; its status and its line are facts.
ask() {
  fact=$1
  shift
  /usr/bin/setpriv --reuid collectd --regid collectd --clear-groups \
    "$helper" "$@" >/tmp/reply 2>/tmp/words
  say "$fact" $? "$(cat /tmp/reply /tmp/words | tr '\n' ' ')"
}

quota_of() { # CGROUP: "QUOTA PERIOD", quota max or -1 where there is none
  for root in $hierarchies; do
    [ ! -e "$root/$1/cpu.max" ] || cat "$root/$1/cpu.max"
    [ ! -e "$root/$1/cpu.cfs_quota_us" ] ||
      echo "$(cat "$root/$1/cpu.cfs_quota_us")" \
        "$(cat "$root/$1/cpu.cfs_period_us")"
  done | head -n 1
}

now() { # seconds, as collectd writes them
  date +%s
}
