"""What came to pass in the guest of inside/closed_loop.sh, for its judge and
for the demonstration."""

import calendar
import itertools
import re
import time

import scenario

SERVICE = "cpi-service_web/"
SETTLED = 20  # seconds at the end of a phase of which its means are taken


def run(name):
    """Boots the guest; everything is kept in build/vm/NAME."""
    return Loop(scenario.workload_guest().run(
        name, scenario.inside("closed_loop")))


class Loop:
    def __init__(self, result):
        self.result = result
        # {phase: when it began}, in order
        self.phases = {name: float(when) for name, when in (
            text.split() for text in result.facts["phase"])}
        # (when, {batch job: quota}, most cgroups below /batch) of every second;
        # of a job that is gone there is no quota
        self.seconds = []
        for text in result.facts["second"]:
            when, innocent, antagonist, *rest = text.split()
            self.seconds.append((float(when), {
                "innocent": innocent, "antagonist": antagonist,
                "stubborn": rest[0] if len(rest) == 2 else ""}, rest[-1]))
        self.cpi = self.series(SERVICE + "gauge-cpi")

    def series(self, identifier):
        return scenario.series(self.result.out, identifier)

    def words(self):
        """[(when, severity, text)] of what collectd said."""
        lines = (self.result.out / "collectd.log").read_text().splitlines()
        found = (re.match(r"\[(\S+ \S+)\] \[(\w+)\] (.*)", line)
                 for line in lines)
        return [(calendar.timegm(time.strptime(one[1], "%Y-%m-%d %H:%M:%S")),
                 one[2], one[3]) for one in found if one]

    def quotas(self, job, begin=0.0, end=float("inf")):
        """Those of a time, one after the other."""
        return [quota for quota, _ in itertools.groupby(
            quotas[job] for when, quotas, _ in self.seconds
            if begin < when <= end and quotas[job])]

    def _mean_cpi(self, begin, end):
        return scenario.mean([(when, value) for when, value in self.cpi
                              if begin < when <= end])

    @property
    def calm(self):
        """The CPI before the antagonist came."""
        start = self.phases["antagonist"]
        return self._mean_cpi(start - SETTLED, start)

    @property
    def harmed(self):
        """The CPI beside it, until the incident was found."""
        return self._mean_cpi(self.phases["antagonist"], self.found())

    @property
    def relieved(self):
        """The CPI beside it when it had been turned down."""
        end = self.phases["calm"]
        return self._mean_cpi(end - SETTLED - 1, end - 1)

    @property
    def excess_left(self):
        return (self.relieved - self.calm) / (self.harmed - self.calm)

    def found(self):
        """When the antagonist's incident was; infinity: never."""
        start = self.phases["antagonist"]
        return next((when for when, value
                     in self.series(SERVICE + "gauge-incident")
                     if when > start and value == 1), float("inf"))

    def windows_until_found(self):
        """How many ended beside the antagonist, the last one with the incident.
        """
        start = self.phases["antagonist"]
        return sum(start < when <= self.found() for when, _ in self.cpi)

    def turned_down(self):
        """When the antagonist's quota first was lower; infinity: never."""
        start = self.phases["antagonist"]
        return next((when for when, quotas, _ in self.seconds
                     if when > start and quotas["antagonist"] != "max"),
                    float("inf"))

    def given_back(self):
        """Whether, before the second job came, the quota was what it had been.
        """
        end = self.phases["stubborn"]
        return self.quotas("antagonist", end - 2, end)[-1:] == ["max"]
