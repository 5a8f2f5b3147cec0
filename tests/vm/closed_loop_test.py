"""From an antagonist that begins to a quota that is whole again."""

import closed_loop
import scenario


class ClosedLoop(scenario.Scenario):
    """One guest, minutes of its time; CPI, incident, cpu.max, freeze."""

    @classmethod
    def setUpClass(cls):
        cls.loop = closed_loop.run("closed_loop")
        cls.result = cls.loop.result

    def test_alone_beside_innocent_work_the_cpi_is_that_of_the_guest(self):
        self.assertWithin(self.loop.calm, 8, 0.01)

    def test_the_incident_comes_within_three_windows(self):
        windows = self.loop.windows_until_found()
        self.note("windows from the antagonist's start to the incident",
                  windows)
        self.assertLessEqual(windows, 3)

    def test_the_culprits_quota_is_lowered(self):
        lowered = self.loop.quotas("antagonist",
                                   self.loop.phases["antagonist"],
                                   self.loop.phases["calm"])
        self.assertEqual(lowered[0], "max")
        quotas = list(map(int, lowered[1:]))
        self.assertGreaterEqual(len(quotas), 2)
        self.assertEqual(quotas, sorted(quotas, reverse=True))

    def test_the_victims_cpi_comes_back(self):
        loop = self.loop
        self.assertGreater(loop.harmed, loop.calm + 1)
        self.note("the victim's CPI alone, beside the antagonist, after",
                  f"{loop.calm:.2f}, {loop.harmed:.2f}, {loop.relieved:.2f}")
        self.note("its excess after, of that before", f"{loop.excess_left:.2f}")
        self.assertLessEqual(loop.excess_left, 0.2)

    def test_the_quota_is_whole_again_when_it_is_over(self):
        self.assertTrue(self.loop.given_back())

    def test_the_innocent_job_is_never_touched(self):
        self.assertEqual(self.loop.quotas("innocent"), ["max"])

    def test_what_turning_down_does_not_stop_closes_the_host(self):
        stubborn = self.loop.phases["stubborn"]
        self.assertIn("Resource temporarily unavailable",
                      self.result.fact("refused"))
        said = " ".join(text for when, _, text in self.loop.words()
                        if when > stubborn)
        self.assertRegex(said, "severity = FAILURE.*"
                               "ask for /batch/stubborn to be moved")
        self.note("seconds from a stubborn antagonist to the freeze",
                  f"{self.loop.phases['frozen'] - stubborn:.0f}")

    def test_a_job_whose_quota_makes_no_difference_gets_it_back(self):
        self.assertEqual(self.loop.quotas("stubborn")[-1], "max")

    def test_the_freeze_ends_after_its_time(self):
        self.assertWithin(
            self.loop.phases["open"] - self.loop.phases["frozen"], 40, 0.1)
        self.assertEqual(self.result.fact("late"), "made")

    def test_the_daemon_ends_well_without_an_error(self):
        self.assertEqual(self.result.fact("collectd_status"), "0")
        self.assertNotRegex(self.log(self.result), r"\[error\]")
