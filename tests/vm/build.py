"""What goes into a guest: the project, cross-built or packaged, the workloads."""

import functools
import os
import pathlib
import platform
import shutil
import subprocess

import debian

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests/vm"
OUT = ROOT / "build/vm"
# Not the handlers of notifications: no guest has a network.
TARGETS = ["cpi", "cpictl", "cpi-actuator", "cpi-oci-hook"]
COMPONENTS = ["Unspecified", "actuator"]

# Runtime libraries are named as well: no dependencies are followed, because
# libc is the cross compiler's.
SYSROOT = ("collectd-dev", "libcgroup-dev", "libcgroup2", "libcli11-dev",
           "libcurl4", "libcurl4-openssl-dev", "libdate-tz3", "libexpected-dev", "libfmt-dev", "libfmt9",
           "libhowardhinnant-date-dev", "libjansson-dev", "libjansson4",
           "libkainjow-mustache-dev", "libpfm4-dev", "libpfm4", "libre2-dev",
           "libre2-9", "zlib1g-dev", "zlib1g")


def _run(command, log, environment):
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        done = subprocess.run(command, stdout=output, cwd=ROOT,
                              stderr=subprocess.STDOUT, env=environment)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}:\n{log.read_text()}")


@functools.cache
def project():
    """A tree with all that the project installs, for arm64."""
    build = OUT / "build-arm64"
    stage = OUT / "stage-arm64"
    options = ["-DCPI_TESTS=OFF", "-DCMAKE_INSTALL_PREFIX=/usr",
               "-DCMAKE_INSTALL_LIBDIR=lib",
               "-DCMAKE_INSTALL_LIBEXECDIR=libexec"]
    if platform.machine() != "aarch64":
        sysroot = debian.Archive("arm64").tree(SYSROOT, dependencies=False)
        options += [f"-DCMAKE_TOOLCHAIN_FILE={HERE / 'arm64.cmake'}",
                    f"-DCPI_SYSROOT={sysroot}"]
    environment = dict(os.environ, CCACHE_BASEDIR=str(ROOT),
                       CCACHE_NOHASHDIR="1")
    if not environment.get("CMAKE_CXX_COMPILER_LAUNCHER"):
        if shutil.which("ccache"):
            environment["CMAKE_CXX_COMPILER_LAUNCHER"] = "ccache"
    _run(["cmake", "--preset", "release", "-B", build, *options],
         OUT / "configure.log", environment)
    _run(["cmake", "--build", build, "-j", str(os.cpu_count()),
          "--target", *TARGETS], OUT / "build.log", environment)
    shutil.rmtree(stage, ignore_errors=True)
    for component in COMPONENTS:
        _run(["cmake", "--install", build, "--strip", "--component", component],
             OUT / "install.log", dict(environment, DESTDIR=str(stage)))
    return stage


@functools.cache
def package():
    """The package for this host's Debian."""
    folder = OUT / "deb"
    _run([ROOT / "packaging/deb/build", folder], OUT / "deb.log", None)
    (deb,) = folder.glob("collectd-cpi_*.deb")
    return deb


def program(name):
    """A static program of programs/. For arm64 only: they hold assembly."""
    target = OUT / "programs" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    compiler = ("gcc" if platform.machine() == "aarch64"
                else "aarch64-linux-gnu-gcc")
    _run([compiler, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror",
          "-static", "-o", target, HERE / f"programs/{name}.c"],
         OUT / f"{name}.log", None)
    return target
