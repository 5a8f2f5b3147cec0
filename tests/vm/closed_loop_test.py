"""From an antagonist that begins to a quota that is whole again."""

import scenario

SERVICE = "cpi-service_web/gauge-"


class ClosedLoop(scenario.Scenario):
    """One guest, five minutes of its time; CPI, incident, cpu.max, freeze."""

    @classmethod
    def setUpClass(cls):
        cls.result = scenario.workload_guest().run(
            "closed_loop", scenario.inside("closed_loop"))
        cls.phases = {name: float(when) for name, when in (
            text.split() for text in cls.result.facts["phase"])}
        # (when, innocent, antagonist, stubborn, descendants) of every second
        cls.seconds = [tuple(text.split())
                       for text in cls.result.facts["second"]]
        cls.cpi = scenario.series(cls.result.out, SERVICE + "cpi")

    def between(self, values, begin, end):
        return [(when, value) for when, value in values if begin < when <= end]

    def quotas(self, column, begin, end):
        return [row[column] for row in self.seconds
                if begin < float(row[0]) <= end]

    def calm_cpi(self):
        start = self.phases["antagonist"]
        return scenario.mean(self.between(self.cpi, start - 20, start))

    def incident(self):
        """When the incident that the antagonist caused was reported."""
        start = self.phases["antagonist"]
        return next(when for when, value in scenario.series(
            self.result.out, SERVICE + "incident")
            if when > start and value == 1)

    def test_alone_beside_innocent_work_the_cpi_is_that_of_the_guest(self):
        self.assertWithin(self.calm_cpi(), 8, 0.02)

    def test_the_incident_comes_within_three_windows(self):
        windows = self.incident() - self.phases["antagonist"]
        self.note("windows from the antagonist's start to the incident",
                  f"{windows:.1f}")
        self.assertLessEqual(windows, 3)

    def test_the_culprits_quota_is_lowered(self):
        lowered = [quota for quota in self.quotas(
            2, self.phases["antagonist"], self.phases["calm"])
            if quota != "max"]
        self.assertTrue(lowered)
        self.assertLess(int(lowered[-1]), 20000)

    def test_the_victims_cpi_comes_back(self):
        calm = self.calm_cpi()
        start = self.phases["antagonist"]
        harmed = scenario.mean(self.between(self.cpi, start + 1,
                                            self.incident())) - calm
        rest = scenario.mean(self.between(
            self.cpi, self.phases["calm"] - 21,
            self.phases["calm"] - 1)) - calm
        self.assertGreater(harmed, 1)
        self.note("the victim's CPI alone, beside the antagonist, after",
                  f"{calm:.2f}, {calm + harmed:.2f}, {calm + rest:.2f}")
        self.note("its excess after, of that before", f"{rest / harmed:.2f}")
        self.assertLessEqual(rest / harmed, 0.2)

    def test_the_quota_is_whole_again_when_it_is_over(self):
        self.assertEqual(self.quotas(2, self.phases["stubborn"] - 2,
                                     self.phases["stubborn"])[-1:], ["max"])

    def test_the_innocent_job_is_never_touched(self):
        self.assertEqual(set(self.quotas(1, 0, float("inf"))), {"max"})

    def test_what_turning_down_does_not_stop_closes_the_host(self):
        self.assertIn("Resource temporarily unavailable",
                      self.result.fact("refused"))
        self.assertRegex(self.log(self.result), "(?i)reschedule|move")
        self.note("seconds from a stubborn antagonist to the freeze",
                  f"{self.phases['frozen'] - self.phases['stubborn']:.0f}")

    def test_the_freeze_ends_after_its_time(self):
        self.assertEqual(self.result.fact("late"), "made")

    def test_the_daemon_ends_well_without_an_error(self):
        self.assertEqual(self.result.fact("collectd_status"), "0")
        self.assertNotRegex(self.log(self.result), r"\[error\]")
