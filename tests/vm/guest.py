"""One run of one script in a guest: boot, run, what it printed and left.

The guest's clock is its instruction count (QEMU's -icount): an instruction
takes 2^shift ns whatever else the host does, and waiting takes no time at all.
On arm64 the emulated PMU counts cycles at 1 GHz of that clock, so that the CPI
of code that runs is exactly 2^shift.
"""

import gzip
import os
import pathlib
import re
import shlex
import shutil
import stat
import subprocess
import tarfile
import tempfile
import time

import build
import debian

# What collectd and the project load, and what scenarios call. Helpers of
# maintainer scripts are left out where nobody asks for them: none run.
RUNTIME = ("collectd-core", "libpfm4", "libjansson4", "libcgroup2",
           "libdate-tz3", "libfmt9", "libre2-9", "libstdc++6", "util-linux",
           "zlib1g")
UNUSED = ("debconf", "perl-base", "lsb-base", "dpkg", "tar")
ACCOUNTS = ("root:x:0:0:root:/root:/bin/sh\n"
            "collectd:x:900:900::/var/lib/collectd:/bin/sh\n"
            "nobody:x:65534:65534::/:/bin/sh\n")
SHIFT = 3
# Set by `run --rejudge`: what the last run left is looked at again.
REJUDGE = False


def missing():
    """Why no guest can run on this host, with the remedy; "" if one can."""
    needed = {"qemu-system-aarch64": "qemu-system-arm",
              "qemu-system-x86_64": "qemu-system-x86",
              "aarch64-linux-gnu-g++": "g++-aarch64-linux-gnu",
              "cpio": "cpio", "cmake": "cmake", "apt-get": "apt"}
    lacking = [package for command, package in needed.items()
               if not shutil.which(command)]
    return f"apt-get install {' '.join(lacking)}" if lacking else ""


def _pack(folder, archive):
    """Appends a tree to an initramfs, everything in it root's."""
    names = subprocess.run(["find", ".", "-mindepth", "1"], cwd=folder,
                           check=True, capture_output=True).stdout
    subprocess.run(["cpio", "-o", "-H", "newc", "-R", "0:0", "--quiet"],
                   cwd=folder, input=names, stdout=archive, check=True)


class Result:
    """What a guest's job printed, returned and left in its /out."""

    def __init__(self, console, out, wall):
        self.console = console
        self.out = out
        self.wall_seconds = wall
        status = out / "status"
        self.status = int(status.read_text()) if status.exists() else None
        # "@name value" lines; a name said twice keeps every value.
        self.facts = {}
        for name, value in re.findall(r"^@(\S+) ?(.*)$", console, re.M):
            self.facts.setdefault(name, []).append(value)

    def fact(self, name):
        return self.facts[name][-1]


class Guest:
    """A kind of guest; run() boots a fresh one every time."""

    def __init__(self, arch="arm64", cgroup="v2", shift=SHIFT, cpus=1,
                 systemd=False, stall=False, packages=RUNTIME, cpu=None):
        self.arch = arch
        self.cgroup = cgroup
        self.shift = shift
        self.cpus = cpus
        self.systemd = systemd
        self.stall = stall
        self.packages = packages
        self.cpu = cpu
        self.files = {}

    def add(self, source, target, mode=None):
        """Puts a file of the host, or a text, into the guest."""
        self.files[target] = (source, mode)
        return self

    def add_project(self):
        """What the project installs, where it does, the helper setuid."""
        stage = build.project()
        for file in stage.rglob("*"):
            target = f"/{file.relative_to(stage)}"
            if file.is_file() and not target.startswith("/usr/share"):
                self.add(file, target, 0o4755 if file.name == "cpi-actuator"
                         else None)
        return self

    def run(self, name, job, limit=1800):
        """Boots, runs the shell script `job`, and waits for the end.

        Everything is kept in build/vm/NAME. Raises RuntimeError when the guest
        did not reach its end, with the end of its console.
        """
        place = build.OUT / name
        if REJUDGE and (place / "out/status").exists():
            return self._result(place, 0)
        shutil.rmtree(place, ignore_errors=True)
        (place / "out").mkdir(parents=True)
        with tempfile.TemporaryDirectory(prefix="cpi-vm-") as work:
            started = time.monotonic()
            initrd = self._initrd(pathlib.Path(work), job)
            command = self._command(initrd, place)
            (place / "command").write_text(shlex.join(map(str, command)))
            with (place / "console.log").open("w") as console:
                try:
                    subprocess.run(command, stdin=subprocess.DEVNULL,
                                   stdout=console, stderr=subprocess.STDOUT,
                                   timeout=limit, check=False)
                except subprocess.TimeoutExpired:
                    console.write(f"\nswitched off after {limit} s\n")
            wall = time.monotonic() - started
        try:
            with tarfile.open(place / "out.tgz") as archive:
                archive.extractall(place / "out", filter="data")
        except (tarfile.TarError, EOFError, gzip.BadGzipFile):
            pass  # seen below: there is no status
        return self._result(place, wall)

    @staticmethod
    def _result(place, wall):
        text = (place / "console.log").read_bytes().decode(errors="replace")
        result = Result(text.replace("\r", ""), place / "out", wall)
        if result.status is None:
            raise RuntimeError(f"{place.name}: the guest did not come to its "
                               f"end: {text[-2000:]}")
        return result

    def _root(self):
        """The packages' tree as an initramfs, made once."""
        archive = debian.Archive(self.arch)
        tree = archive.tree(self.packages, without=tuple(
            name for name in UNUSED if name not in self.packages))
        packed = tree.with_suffix(".cpio")
        if not packed.exists():
            fresh = tree.with_suffix(f".{os.getpid()}")
            with fresh.open("wb") as output:
                _pack(tree, output)
            fresh.rename(packed)
        return packed

    def _initrd(self, work, job):
        tree = work / "tree"
        busybox = debian.Archive(self.arch).tree(("busybox-static",),
                                                 dependencies=False)
        files = {
            "/init": (build.HERE / "inside/init", 0o755),
            "/vm/init": (build.HERE / "inside/init", 0o755),
            "/vm/lib.sh": (build.HERE / "inside/lib.sh", None),
            "/vm/busybox": (busybox / "usr/bin/busybox", 0o755),
            "/vm/job": (f". /vm/lib.sh\n{job}", None),
            "/etc/passwd": (ACCOUNTS, None),
            "/etc/group": ("root:x:0:\ncollectd:x:900:\nnogroup:x:65534:\n",
                           None),
            "/etc/machine-id": ("0123456789abcdef0123456789abcdef\n", None),
            "/etc/hosts": ("127.0.0.1 localhost guest\n", None),
        }
        for target, (source, mode) in {**files, **self.files}.items():
            path = tree / target.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, str):
                path.write_text(source)
                path.chmod(mode or 0o644)
            else:
                shutil.copyfile(source, path)
                path.chmod(mode or stat.S_IMODE(source.stat().st_mode))
        initrd = work / "initrd"
        with initrd.open("wb") as output:
            with self._root().open("rb") as root:
                shutil.copyfileobj(root, output)
            _pack(tree, output)
        return initrd

    def _command(self, initrd, place):
        kernel = debian.Archive(self.arch).kernel(
            f"linux-image-cloud-{self.arch}")
        if self.arch == "arm64":
            machine = ["qemu-system-aarch64", "-M", "virt", "-cpu",
                       self.cpu or "cortex-a57,pmu=on"]
            console = "ttyAMA0"
        else:
            machine = ["qemu-system-x86_64", "-M", "q35", "-cpu",
                       self.cpu or "max"]
            console = "ttyS0"
        if self.stall:
            # Programs may then ask QEMU for a byte that never comes; nothing
            # else that semihosting offers may start anything.
            machine += ["-chardev", "null,id=stall", "-semihosting-config",
                        "enable=on,userspace=on,target=native,chardev=stall",
                        "-sandbox", "on,obsolete=deny,elevateprivileges=deny,"
                        "spawn=deny"]
        words = [f"console={console}", "panic=-1", "rdinit=/init", "quiet",
                 "psi=1", f"vm.cgroup={self.cgroup}"]
        if self.cgroup.startswith("v2"):
            words.append("cgroup_no_v1=all")
        if self.systemd:
            words += ["vm.systemd=1", "systemd.show_status=0",
                      "systemd.wants=vm-job.service", "systemd.firstboot=0",
                      "systemd.unified_cgroup_hierarchy=1"]
        return ["nice", "-n", "5", *machine, "-accel", "tcg", "-icount",
                f"shift={self.shift},sleep=off", "-rtc", "clock=vm",
                "-smp", str(self.cpus), "-m", "2048", "-display", "none",
                "-nodefaults", "-no-reboot", "-serial", "stdio",
                "-chardev", f"file,id=out,path={place / 'out.tgz'}",
                "-device", "pci-serial,chardev=out",
                "-kernel", kernel, "-initrd", initrd,
                "-append", " ".join(words)]
