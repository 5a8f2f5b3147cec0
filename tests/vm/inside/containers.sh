# shellcheck shell=dash disable=SC2086,SC2154
# Containers with our hook in their specification, before, during and after a
# freeze. /batch is held by the kernel as well, /shared by the hook alone.
# Told: runtime.
make_cgroup online batch shared
for parent in online batch shared; do enable_controllers $parent; done
install_helper <<'JSON'
{"callers": [900],
 "aliases": {"batch": {"cgroup": "/batch", "depth": 1, "exclusive": true},
             "shared": {"cgroup": "/shared", "depth": 1}},
 "hook": {"exempt_annotation": "collectd-cpi/exempt"}}
JSON
mkdir -p /rootfs/bin /rootfs/dev /rootfs/proc
cp /vm/busybox /rootfs/bin/sleep

# start FACT CGROUP [ANNOTATION]: a container that sleeps there.
start() {
  mkdir -p "/bundles/$1"
  cat >"/bundles/$1/config.json" <<JSON
{"ociVersion": "1.0.2",
 "process": {"user": {"uid": 0, "gid": 0}, "cwd": "/",
             "args": ["/bin/sleep", "600"], "env": ["PATH=/bin"]},
 "root": {"path": "/rootfs", "readonly": true},
 "annotations": {"collectd-cpi/exempt": "${3-false}",
                 "run.oci.hooks.stderr": "/run/words"},
 "hooks": {"createRuntime": [
   {"path": "/usr/libexec/collectd-cpi/cpi-oci-hook"}]},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
 "linux": {"cgroupsPath": "$2",
           "namespaces": [{"type": "pid"}, {"type": "mount"}]}}
JSON
  : >/run/words # where crun writes what hooks say, which it else drops
  $runtime run --detach --no-pivot --bundle "/bundles/$1" "$1" \
    >/tmp/words 2>&1 </dev/null
  say "$1" $? "$(cat /tmp/words /run/words | tr '\n' ' ')"
}

start batch_before /batch/before
start shared_before /shared/before
start service_before /online/before
ask freeze freeze 600 --reason interference
start batch_frozen /batch/frozen
start shared_frozen /shared/frozen
start exempt_frozen /shared/exempt true
start service_frozen /online/frozen
say running "$($runtime list -q | sort | tr '\n' ' ')"
ask thaw thaw
start batch_after /batch/after
start shared_after /shared/after
