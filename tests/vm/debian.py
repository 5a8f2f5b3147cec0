"""Trees of unpacked Debian packages, of any architecture, without root.

apt is used with a state of its own: no foreign architecture is added to the
host, nothing is installed, no maintainer script runs. A tree is made once per
list of packages and kept in the cache.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

CACHE = pathlib.Path(
    os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
) / "collectd-cpi/vm"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# As a merged /usr has them; unpacking follows.
MERGED = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib"}


class Unavailable(Exception):
    """What the host lacks to run guests; says what to do."""


def host_site(release):
    """The mirror from which this host's own apt gets a release."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(SITE)",
         "Identifier: Packages"],
        capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        name, site = line.split()
        if name == release:
            return site
    raise Unavailable(f"apt knows no mirror of {release}: is this Debian 12?")


def _keep_links_inside(tree):
    """Makes absolute links to what is in the tree lead there, not to the host's.
    """
    for link in tree.rglob("*"):
        if link.is_symlink() and os.path.isabs(target := os.readlink(link)):
            if (inside := tree / target.lstrip("/")).exists():
                link.unlink()
                link.symlink_to(os.path.relpath(inside, link.parent))


class Archive:
    """One suite of Debian for one architecture."""

    def __init__(self, arch, suite="bookworm"):
        self.arch = arch
        self.home = CACHE / f"apt-{suite}-{arch}"
        self.suite = suite

    def tree(self, packages, dependencies=True, without=()):
        """A directory with the packages unpacked; read-only for callers."""
        recipe = (self.suite, packages, dependencies, without)
        key = hashlib.sha256(repr(recipe).encode())
        tree = CACHE / f"tree-{self.arch}-{key.hexdigest()[:12]}"
        if tree.is_dir():
            return tree
        self._prepare()
        files = self._download(packages, dependencies)
        fresh = tree.with_suffix(f".{os.getpid()}")
        self._unpack([f for f in files if f.name.split("_")[0] not in without],
                     fresh)
        _keep_links_inside(fresh)
        fresh.rename(tree)
        return tree

    def kernel(self, meta):
        """The newest kernel image that a meta package stands for."""
        link = CACHE / f"{meta}-{self.suite}-{self.arch}"
        if not link.is_symlink():
            self._prepare()
            depends = self._apt("apt-cache", "depends", meta)
            image = re.search(r"Depends: (linux-image-\d\S*)", depends)[1]
            link.symlink_to(self.tree((image,), dependencies=False))
        return next(link.glob("boot/vmlinuz-*"))

    def _prepare(self):
        for folder in ("lists/partial", "archives/partial", "etc/parts"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        (self.home / "status").touch()
        stamp = self.home / "updated"
        if stamp.exists() and time.time() - stamp.stat().st_mtime < 86400:
            return
        site = host_site("bookworm")
        lines = [f"deb [signed-by={KEYRING}] {site} {self.suite} main"]
        if self.suite == "bookworm":
            security = host_site("bookworm-security")
            lines.append(f"deb [signed-by={KEYRING}] {security} "
                         "bookworm-security main")
        (self.home / "etc/sources.list").write_text("\n".join(lines) + "\n")
        self._apt("apt-get", "update")
        stamp.touch()

    def _apt(self, *command, where=None):
        home = self.home
        settings = {
            "APT::Architecture": self.arch, "APT::Architectures": self.arch,
            "APT::Install-Recommends": "0", "APT::Sandbox::User": "",
            "Debug::NoLocking": "1",
            "Dir::State": home, "Dir::State::status": home / "status",
            "Dir::State::lists": home / "lists",
            "Dir::Cache": home, "Dir::Cache::archives": home / "archives",
            "Dir::Etc::sourcelist": home / "etc/sources.list",
            "Dir::Etc::sourceparts": home / "etc/parts",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": home / "etc/parts",
        }
        tool, *arguments = command
        options = [f"-o{key}={value}" for key, value in settings.items()]
        done = subprocess.run([tool, "-qq", *options, *arguments], text=True,
                              capture_output=True,
                              cwd=where or home / "archives")
        if done.returncode:
            raise Unavailable(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def _download(self, packages, dependencies):
        verb = ["install", "-y"] if dependencies else ["download"]
        # As if nothing were there: what is, would not be listed.
        with tempfile.TemporaryDirectory() as empty:
            uris = self._apt("apt-get", "--print-uris",
                             f"-oDir::Cache::archives={empty}", *verb,
                             *packages, where=empty)
        names = [line.split()[1] for line in uris.splitlines()
                 if line.startswith("'")]
        if dependencies:
            self._apt("apt-get", "--download-only", *verb, *packages)
        else:
            self._apt("apt-get", *verb, *packages)
        return [self.home / "archives" / name for name in names]

    def _unpack(self, files, tree):
        shutil.rmtree(tree, ignore_errors=True)
        for link, target in MERGED.items():
            (tree / target).mkdir(parents=True, exist_ok=True)
            (tree / link).symlink_to(target)
        if self.arch == "amd64":
            (tree / "usr/lib64").mkdir()
            (tree / "lib64").symlink_to("usr/lib64")
        for file in files:
            # Device nodes and foreign owners are not ours to make.
            with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", file],
                                  stdout=subprocess.PIPE) as deb:
                subprocess.run(
                    ["tar", "-C", tree, "--keep-directory-symlink",
                     "--no-same-owner", "--exclude=./usr/share/doc",
                     "--exclude=./usr/share/man",
                     "--exclude=./usr/share/locale",
                     "-xf", "-"], stdin=deb.stdout, check=True)
