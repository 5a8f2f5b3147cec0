"""What the scenarios' judges share: values out of a guest's csv files, and
figures that are printed at the end and stand in the README."""

import pathlib
import unittest

import build
import guest

FIGURES = []


def inside(name, **told):
    """A script of inside/, told shell variables."""
    lines = [f"{key}='{value}'" for key, value in told.items()]
    text = (build.HERE / f"inside/{name}.sh").read_text()
    return "\n".join(lines) + "\n" + text


def workload_guest(**kind):
    """An arm64 guest with the project and the workloads."""
    machine = guest.Guest(arch="arm64", stall=True, **kind).add_project()
    for program in ("work", "count"):
        machine.add(build.program(program), f"/usr/bin/{program}", 0o755)
    return machine


def series(out, identifier):
    """[(epoch seconds, value)] of one identifier, as collectd wrote it."""
    values = []
    plugin, name = identifier.split("/")
    for file in sorted((out / "csv/guest" / plugin).glob(f"{name}-20*")):
        for line in file.read_text().splitlines()[1:]:
            when, value = line.split(",")
            if value != "nan":
                values.append((float(when), float(value)))
    return values


def mean(values):
    """Of the values of a series; NaN of none, which no comparison passes."""
    values = [value for _, value in values]
    return sum(values) / len(values) if values else float("nan")


class Scenario(unittest.TestCase):
    """Boots its guests once; every test is a sentence about what they did."""

    maxDiff = None

    def log(self, result):
        """What collectd said in the guest."""
        path = result.out / "collectd.log"
        return path.read_text() if path.exists() else ""

    def note(self, name, value):
        """Prints a figure at the end of the run."""
        FIGURES.append((f"{type(self).__name__}: {name}", value))

    def assertWithin(self, value, known, share):
        self.assertLessEqual(abs(value / known - 1), share,
                             f"{value:.4f} is not within {share:.1%} of "
                             f"{known:.4f}")
