# shellcheck shell=dash disable=SC2154
# A host with systemd and our package: collectd as Debian's unit starts it,
# unprivileged by the package's example, and units of batch work whose quotas are
# systemd's. With a /journal.json, the helper's of before the last boot, only
# what becomes of that.
# As what it depends on was unpacked, not installed.
/usr/bin/dpkg --force-depends -i /collectd-cpi.deb >/dev/console 2>&1
say installed $?
mkdir -p /etc/collectd/collectd.conf.d /etc/systemd/system/collectd.service.d
{
  collectd_head 1
  echo '<Include "/etc/collectd/collectd.conf.d">
  Filter "*.conf"
</Include>'
} >/etc/collectd/collectd.conf
sed -i 's/Interval 10$/Interval 1/' /etc/collectd-cpi/conf.d/10-cpi.conf
cat >/etc/collectd-cpi/conf.d/20-services.conf <<'CONF'
<Plugin cpi>
  <Service "web">
    Cgroup "/system.slice/web.service"
  </Service>
  <Batch "training">
    Cgroup "/batch.slice/train@*.service"
  </Batch>
</Plugin>
CONF
cat >/etc/collectd-cpi/actuator.json <<JSON
{"callers": [$(id -u collectd-cpi)],
 "aliases": {"batch": {"cgroup": "/batch.slice", "depth": 2}}}
JSON
cp /usr/share/doc/collectd-cpi/examples/unprivileged.conf \
  /etc/systemd/system/collectd.service.d/
cat >/etc/systemd/system/train@.service <<'UNIT'
[Service]
Slice=batch.slice
CPUQuota=80%
ExecStart=/bin/sh -c 'while :; do :; done'
UNIT
chown -R collectd-cpi:collectd-cpi /out
echo 2 >/proc/sys/kernel/perf_event_paranoid
systemctl daemon-reload
systemctl start 'train@1' collectd
systemd-run -q --unit web /bin/sh -c 'while :; do :; done'

# As collectd's unit would: its user, its capabilities, its sandbox. There is no
# bus to wait on; the start of a oneshot is over when it is.
asked=0
ask_in_unit() { # FACT VERB...
  fact=$1
  shift
  asked=$((asked + 1))
  systemd-run -q --unit "ask$asked" -p Type=oneshot -p RemainAfterExit=yes \
    -p User=collectd-cpi -p Group=collectd-cpi \
    -p AmbientCapabilities=CAP_PERFMON \
    -p CapabilityBoundingSet=CAP_PERFMON -p ProtectHome=yes \
    -p ProtectSystem=full -p PrivateTmp=yes -p StandardOutput=file:/run/reply \
    -p StandardError=file:/run/words "$helper" "$@"
  say "$fact" "$(systemctl show -P ExecMainStatus "ask$asked")" \
    "$(cat /run/reply /run/words | tr '\n' ' ')"
  rm -f /run/reply /run/words
}
job=batch.slice/train@1.service
target=batch/train@1.service

if [ -e /journal.json ]; then
  cp /journal.json /run/collectd-cpi/
  chmod 600 /run/collectd-cpi/journal.json
  ask_in_unit status status
  "$helper" restore >/dev/null
  say restore $? "$(quota_of $job)"
  exit 0
fi
ask_in_unit selftest selftest
sleep 3
say before "$(quota_of $job)"
echo 20000 >"/sys/fs/cgroup/$job/cpu.max.burst"
ask_in_unit lower lower $target 100 --lease 600
say lowered "$(quota_of $job)" burst "$(cat "/sys/fs/cgroup/$job/cpu.max.burst")"
sleep 3
say time lowered "$(now)"

systemctl daemon-reload
say reloaded "$(quota_of $job)"
ask_in_unit again lower $target 100 --lease 600
say lowered_again "$(quota_of $job)"

systemctl set-property --runtime batch.slice CPUQuota=5%
sleep 3
say time nested "$(now)"
ask_in_unit nested lower $target 60 --lease 600
systemctl set-property --runtime batch.slice CPUQuota=

systemctl restart collectd
say restarted "$(systemctl is-active collectd)" "$(quota_of $job)"
ask_in_unit release release --all
say released "$(quota_of $job)" burst \
  "$(cat "/sys/fs/cgroup/$job/cpu.max.burst")"

systemctl stop collectd
ask_in_unit expiring lower $target 100 --lease 20
say expiring_quota "$(quota_of $job)"
systemctl stop web # waiting is cheap where nothing runs
systemctl start collectd-cpi-restore.timer && sleep 70
say expired "$(quota_of $job)"
ask_in_unit live lower $target 100 --lease 600
say failed "$(systemctl list-units --failed --plain --no-legend | tr '\n' ' ')"
cp /run/collectd-cpi/journal.json /out/
