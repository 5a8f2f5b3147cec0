# shellcheck shell=bash
# What the lives of both packages share. Sourced with the folder of a Debian in
# $1 and the name of the test's cgroup in $2, in namespaces of its own.
root=$1
group=$2
helper=/usr/libexec/collectd-cpi/cpi-actuator

mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
ip link set lo up

inside() { chroot "$root" /usr/bin/env -i \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }

# it SENTENCE COMMAND...: says whether the command succeeds, and if not, what it
# said.
it() {
  local sentence=$1
  shift
  if "$@" >"$root/tmp/said" 2>&1; then
    echo "ok   $sentence"
  else
    echo "FAIL $sentence"
    sed 's/^/       /' "$root/tmp/said"
  fi
}

eventually() { # COMMAND...: for 20 s
  local try
  for ((try = 0; try < 100; ++try)); do
    "$@" && return
    sleep 0.2
  done
  echo "not within 20 s: $*"
  tail -20 "$root/var/log/collectd.log"
  return 1
}

# --- collectd -----------------------------------------------------------------

# As the distribution's own, with plugins that a chroot can bear.
configure_collectd() { # FOLDER OF SNIPPETS
  mkdir -p "$root/var/lib/collectd/csv"
  cat >"$root/etc/collectd/collectd.conf" <<CONF
Hostname "host"
FQDNLookup false
Interval 1
LoadPlugin logfile
<Plugin logfile>
  File "/var/log/collectd.log"
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "/var/lib/collectd/csv"
  StoreRates true
</Plugin>
LoadPlugin uptime
<Include "$1">
  Filter "*.conf"
</Include>
CONF
}

# Also what the maintainer scripts use where there is no systemd.
collectd() { inside /etc/init.d/collectd "$@"; }

collectd_runs() { collectd status; }

values() { # SERIES: how many there are
  cat "$root"/var/lib/collectd/csv/host/"$1"-[0-9]* 2>/dev/null |
    grep -c '^[0-9]' || true
}
has_values() { (($(values "$1") > 0)); }
values_appear() { # SERIES: new ones
  rm -rf "$root/var/lib/collectd/csv/host/${1%/*}"
  eventually has_values "$1"
}
no_values() { # SERIES: while others come
  rm -rf "$root/var/lib/collectd/csv/host"
  eventually has_values uptime/uptime && ! has_values "$1"
}
restart_with_values() { # SERIES
  collectd restart && collectd_runs && values_appear "$1"
}
restart_without_values() { # SERIES
  collectd restart && collectd_runs && no_values "$1"
}

# --- A service, a batch job and its quota -------------------------------------

work_in() { # CGROUP: a process that uses some CPU there
  local folder
  (
    for folder in /sys/fs/cgroup/*/"$group" /sys/fs/cgroup/"$group"; do
      [[ ! -d $folder ]] || echo "$BASHPID" >"$folder/$1/cgroup.procs"
    done
    while :; do
      for ((i = 0; i < 2000; ++i)); do :; done
      read -rt 0.05 <> <(:) || :
    done
  ) >/dev/null 2>&1 &
}

# Ten-second windows are the default; tests have less time.
declare_workloads() {
  cat >"$root/etc/collectd-cpi/conf.d/30-test.conf" <<CONF
<Plugin cpi>
  CyclesEvent "cpu-clock"
  InstructionsEvent "task-clock"
  MinInstructions 1000
  MinSamples 1
  WarmUp 0
  StartupGrace 0
  NoiseFloor 0
  <Service "test">
    Cgroup "/$group/service"
  </Service>
  <Batch "test">
    Cgroup "/$group/batch/*"
  </Batch>
</Plugin>
CONF
  sed -i 's/^  Interval 10$/  Interval 1/' \
    "$root/etc/collectd-cpi/conf.d/10-cpi.conf"
}

allow_throttling() {
  cat >"$root/etc/collectd-cpi/actuator.json" <<JSON
{"callers": [$(inside id -u collectd-cpi)],
 "aliases": {"test": {"cgroup": "/$group/batch", "depth": 1},
             "train": {"cgroup": "/$group/train", "depth": 1}}}
JSON
}

quota_file() {
  local file
  for file in /sys/fs/cgroup/cpu{,,cpuacct}/"$group"/batch/job/cpu.cfs_quota_us \
    /sys/fs/cgroup/"$group"/batch/job/cpu.max; do
    [[ ! -e $file ]] || { echo "$file"; return; }
  done
}
quota() { cat "$(quota_file)"; }
throttle() { inside "$helper" lower test/job 500 --lease 300; }
is_throttled() { [[ $(quota) == 50000* ]] || { quota; return 1; }; }
is_not_throttled() { [[ $(quota) == -1 || $(quota) == max* ]] || { quota; return 1; }; }

# --- Handlers -----------------------------------------------------------------

# A handler gets as far as reading what is no affair of its.
reads_a_notification() { # HANDLER
  printf 'Severity: OKAY\nPlugin: cpi\n\nit is over\n' |
    inside "/usr/libexec/collectd-cpi/handlers/$1"
}

# Nobody listens there: what it is told has to wait.
configure_robot() {
  printf 'url http://127.0.0.1:9/\npatience 0\n' \
    >"$root/etc/collectd-cpi/wecom.conf"
  inside chown root:collectd-cpi /etc/collectd-cpi/wecom.conf
  chmod 640 "$root/etc/collectd-cpi/wecom.conf"
}
robot_spools() {
  configure_robot
  local status=0
  printf 'Severity: OKAY\n\nit is over\n' |
    inside setpriv --reuid collectd-cpi --regid collectd-cpi --clear-groups \
      /usr/libexec/collectd-cpi/cpi-wecom || status=$?
  is $status 75
}

# --- Files --------------------------------------------------------------------

is() { # TEXT TEXT
  [[ $1 == "$2" ]] || { printf 'is       %s\nexpected %s\n' "$1" "$2"; return 1; }
}
mode_of() { inside stat -c '%a %U:%G' "$1"; }
not() { ! "$@"; }
there() { [[ -e $root$1 || -L $root$1 ]] || { echo "no $1"; return 1; }; }
files() { # every file but what a running system makes, and copies of its users
  (cd "$root" && find . -xdev \( -path ./proc -o -path ./sys -o -path ./tmp -o \
    -path ./run -o -path ./var/log -o -path ./var/cache -o \
    -path ./var/lib/dpkg -o -path ./var/lib/rpm -o -path ./root/.rpmdb -o \
    -path ./var/lib/collectd/csv -o -name '*shadow-' \) -prune -o -print | sort)
}
nothing_is_left() { # FILE WITH WHAT WAS THERE
  files | comm -13 "$1" - >"$root/tmp/left"
  [[ ! -s $root/tmp/left ]] || { cat "$root/tmp/left"; return 1; }
}

# As far as units can be judged in a system without systemd's own.
units_are_good() {
  command -v systemd-analyze || { echo "no systemd-analyze"; return 1; }
  ! systemd-analyze verify --man=no --root="$root" collectd.service \
    collectd-cpi-restore.service collectd-cpi-restore.timer 2>&1 |
    grep -v 'Failed to create .*/start: Unit .* not found'
}

# Position independent, relocations read-only and bound at start, the stack
# protected, and calls of libc checked.
hardened() { # FILE
  local headers symbols
  headers=$(readelf -hldW "$root$1")
  symbols=$(readelf --dyn-syms -W "$root$1")
  grep -q 'Type: *DYN' <<<"$headers" || { echo "not PIE"; return 1; }
  grep -q GNU_RELRO <<<"$headers" || { echo "no RELRO"; return 1; }
  grep -qE 'BIND_NOW|FLAGS.* NOW' <<<"$headers" || { echo "lazy binding"; return 1; }
  grep -q __stack_chk_fail <<<"$symbols" || { echo "no stack protector"; return 1; }
  grep -q '_chk@' <(grep -v __stack_chk_fail <<<"$symbols") ||
    { echo "nothing fortified"; return 1; }
  ! readelf -SW "$root$1" | grep -q '\.debug_info' || { echo "not stripped"; return 1; }
}
size_of_all() { # FILE...
  local sum=0 file
  for file; do sum=$((sum + $(stat -c %s "$root$file"))); done
  echo "$sum"
}
