# shellcheck shell=bash
# Which Debian packages which task needs, in one place. Sourced by
# packaging/quickstart, tests/run and .ci/run.

# Debian 12 names, by task: build, test, check, web (node: what web needs where
# there is no npm), vm, and for packages deb, rpm and package, which is the tests
# of those.
packages_for() {
  case $1 in
    build)
      echo g++ cmake ninja-build collectd-core collectd-dev libcgroup-dev \
        libcli11-dev libcurl4-openssl-dev libexpected-dev libfmt-dev \
        libhowardhinnant-date-dev libjansson-dev libjs-chart.js \
        libkainjow-mustache-dev libpfm4-dev libre2-dev zlib1g-dev
      ;;
    test)
      echo binutils ccache curl libbenchmark-dev libcmocka-dev libgmock-dev \
        libgtest-dev linux-perf mandoc munge nginx-light openssl python3 \
        slurm-wlm strace wrk
      command -v kubectl >/dev/null || echo kubernetes-client
      ;;
    deb)
      echo debhelper dpkg-dev lintian
      ;;
    rpm)
      echo elfutils rpm rpmlint
      ;;
    package)
      echo containerd jq mmdebstrap podman runc systemd
      ;;
    check)
      echo clang clang-format clang-tidy gcovr libclang-rt-dev python3 \
        shellcheck
      ;;
    vm)
      echo cpio g++-aarch64-linux-gnu libc6-dev-arm64-cross python3 \
        qemu-system-arm qemu-system-x86
      ;;
    web)
      echo chromium fonts-wqy-microhei
      ;;
    node)
      echo nodejs npm
      ;;
    *)
      echo "packages_for: no task called $1" >&2
      return 1
      ;;
  esac
}

# install_packages TASK...: what is missing, and nothing when nothing is; only
# then is the network used. Without root it says what to install.
install_packages() {
  local task package missing=()
  for task in "$@"; do
    for package in $(packages_for "$task"); do
      [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) \
        == installed ]] || missing+=("$package")
    done
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    echo "Missing packages; as root: apt-get install ${missing[*]}" >&2
    return 1
  fi
  echo "Installing ${missing[*]}"
  local get=(apt-get -qq -o Dpkg::Use-Pty=0)
  export DEBIAN_FRONTEND=noninteractive
  "${get[@]}" install -y --no-install-recommends "${missing[@]}" \
    </dev/null >/dev/null 2>&1 && return 0
  # The lists of a fresh system are empty or old.
  "${get[@]}" update </dev/null >/dev/null || return 1
  "${get[@]}" install -y --no-install-recommends "${missing[@]}" \
    </dev/null >/dev/null
}
