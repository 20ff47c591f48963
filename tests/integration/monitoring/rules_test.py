"""Each alert starts once and ends once, whatever happens in between: promtool runs the rules over made figures."""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from catalogue import MONITORING

RULES = MONITORING / "alerts.yml"
BROKER, ADAPTER = 'instance="b:5580",job="relaisd"', 'instance="a:5591",job="relais-adapter"'
GONE = "stale"
END = 125  # minutes that a story is looked at
MONTH = 30 * 86_400


def each_minute(*parts):
    """("0", 3), ("1", 2): 0 0 0 1 1."""
    return " ".join(" ".join([str(value)] * minutes) for value, minutes in parts)


def counting(*parts):
    """By how much it grows each minute, for so many minutes."""
    value, values = 0, []
    for step, minutes in parts:
        for _ in range(minutes):
            value += step
            values.append(str(value))
    return " ".join(values)


def broker(name, values, labels=""):
    return {"series": f"{name}{{{BROKER}{',' if labels else ''}{labels}}}", "values": values}


def partner(name, values, labels='institution="caf-25"'):
    return broker(name, values, labels)


def adapter(name, values):
    return {"series": f'{name}{{{ADAPTER}{"" if name == "up" else ",adapter=" + json.dumps("caf")}}}', "values": values}


UP = broker("up", each_minute((1, 240)))


class Story:
    """What is seen, and from which to which minute the alert stands: `quiet` and `firing` are minutes at which to look."""

    def __init__(self, alert, series, firing, quiet, starts=1, labels=""):
        self.alert, self.series, self.firing, self.quiet, self.starts, self.labels = alert, series, firing, quiet, starts, labels

    def looks(self):
        fires = f'ALERTS{{alertname="{self.alert}",alertstate="firing"{self.labels}}}'
        looks = [self._look(f"count({fires})", minute, 1) for minute in self.firing]
        looks += [self._look(f"count({fires})", minute, 0) for minute in self.quiet]
        looks += [self._look(f"sum(count_over_time(({fires} unless {fires} offset 1m)[{END}m:1m]))", END, self.starts)]
        return looks

    def fits(self, others):
        """Whether it may be told in one run with them: of other metrics, but for what is the same, and nobody is silent."""
        theirs = [one for other in others for one in other.series]
        return (self.alert not in {other.alert for other in others}
                and all(one == their or one["series"].split("{")[0] != their["series"].split("{")[0]
                        for one in self.series for their in theirs)
                and not any("silence" in one["series"] for one in [*theirs, *self.series]))

    @staticmethod
    def _look(expression, minute, value):
        return {"expr": expression, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": value}] if value else []}


def state(alert, name, values, start, end, maker=broker, up=UP, **more):
    """A figure goes wrong and right again; the alert stands from `start` to before `end`."""
    return Story(alert, [up, maker(name, values)], firing=[start, end - 1], quiet=[start - 1, end], **more)


# Away from minute 60 to minute 100, and back.
AWAY = broker("up", each_minute((1, 60), (0, 40), (1, 140)))


def away(before, after=None):
    return each_minute((before, 60), (GONE, 1), ("_", 39), (before if after is None else after, 140))


CAF, CCAS = 'institution="caf-25"', 'institution="ccas-25056"'
CUT = [partner("relais_silence_seconds", each_minute((0, 59), (15, 1), (GONE, 1), ("_", 39), (15, 1), (0, 139)), one)
       for one in (CAF, CCAS)]
# The CAF from minute 10, both from minute 30, until minute 60.
NOBODY = [partner("relais_silence_seconds", each_minute((0, 10), (60, 50), (0, 180)), CAF),
          partner("relais_silence_seconds", each_minute((0, 30), (60, 30), (0, 180)), CCAS)]
# Somebody else is connected, so that a partner's silence is its own.
THERE = partner("relais_silence_seconds", each_minute((0, 240)), CCAS)
STAYS = partner("relais_silence_seconds", away(0), CCAS)

STORIES = [
    Story("RelaisBrokerDown", [broker("up", each_minute((1, 10), (0, 1), (1, 9), (0, 40), (1, 180)))], [22, 61], [10, 13, 21, 62]),
    Story("RelaisBrokerRestarts", [UP, broker("relais_start_time_seconds", each_minute((100, 20), (200, 2), (300, 2), (400, 216)))],
          [24, 60], [10, 23, 120]),
    state("RelaisDiskFull", "relais_disk_full", each_minute((0, 10), (1, 5), (0, 2), (1, 5), (0, 218)), 11, 27),
    state("RelaisDiskLow", "relais_disk_free_bytes", each_minute((2**31, 10), (2**29, 20), (2**31, 210)), 15, 35),
    state("RelaisNoNetwork", "relais_network_version", each_minute((0, 20), (3, 220)), 5, 25),
    state("RelaisDraining", "relais_draining", each_minute((0, 10), (1, 40), (0, 190)), 40, 55),
    state("RelaisOverloaded", "relais_inputs_waiting", each_minute((5, 10), (20_000, 10), (5, 220)), 15, 25),
    Story("RelaisHandshakesRefused", [UP, broker("relais_handshakes_refused_total", counting((0, 20), (5, 10), (0, 210)))],
          [27, 40], [10, 20, 70]),
    Story("RelaisFramesRefused", [UP, broker("relais_frames_refused_total", counting((0, 20), (5, 10), (0, 210)))],
          [27, 40], [10, 20, 70]),
    Story("RelaisNoAdapters", [UP, partner("relais_silence_seconds", each_minute((0, 10), (60, 90), (0, 140))),
                               partner("relais_silence_seconds", each_minute((60, 8), (0, 22), (60, 40), (0, 170)),
                                       'institution="ccas-25056"')], [35, 72], [15, 34, 73]),
    Story("RelaisPartnerSilent", [UP, partner("relais_silence_seconds", each_minute((0, 10), (60, 50), (0, 180))),
                                  partner("relais_silence_seconds", each_minute((0, 240)), 'institution="ccas-25056"')],
          [25, 64], [24, 65], labels=',institution="caf-25"'),
    state("RelaisMessagesWait", "relais_queue_oldest_seconds", each_minute((30, 10), (4_000, 30), (0, 200)), 11, 45, partner),
    state("RelaisMessagesPutOff", "relais_parked_messages", each_minute((0, 10), (2, 80), (0, 150)), 70, 95,
          lambda name, values: partner(name, values, 'institution="caf-25",exercise="false"')),
    state("RelaisDeadLetters", "relais_dead_letters", each_minute((0, 10), (2, 10), (3, 10), (0, 210)), 10, 35,
          lambda name, values: partner(name, values, 'institution="caf-25",exercise="false"')),
    state("RelaisReferralsOverdue", "relais_referrals_overdue", each_minute((0, 10), (1, 20), (0, 210)), 15, 35, partner),
    Story("RelaisDeadlinesMissed", [UP, partner("relais_deadlines_missed_total", counting((0, 30), (1, 20), (0, 190)))],
          [40, 115], [20, 33]),
    state("RelaisKeyExpires", "relais_key_remaining_seconds", each_minute((MONTH + 60, 10), (MONTH - 60, 10), ("+Inf", 220)), 10, 25,
          lambda name, values: partner(name, values, 'institution="caf-25",use="signing"')),
    state("RelaisKeyExpired", "relais_key_remaining_seconds", each_minute((600, 10), (0, 10), ("+Inf", 220)), 10, 25,
          lambda name, values: partner(name, values, 'institution="caf-25",use="sealing"')),
    Story("RelaisAdapterDown", [adapter("up", each_minute((1, 10), (0, 20), (1, 210)))], [15, 29], [14, 30]),
    state("RelaisAdapterDisconnected", "relais_adapter_connected", each_minute((1, 10), (0, 30), (1, 200)), 25, 45, adapter,
          up=adapter("up", each_minute((1, 240)))),
    state("RelaisAdapterStoreFailed", "relais_adapter_store_failed", each_minute((0, 10), (1, 10), (0, 220)), 10, 25, adapter),
    # Since the first second of 1970, and promtool begins there: an hour old at minute 60.
    state("RelaisAdapterOutboxOld", "relais_adapter_outbox_oldest_seconds", each_minute((0, 1), (1, 79), (0, 160)), 62, 85, adapter),
    state("RelaisAdapterRefused", "relais_adapter_refused_messages", each_minute((0, 10), (1, 10), (0, 220)), 10, 25, adapter),
    # A trouble that comes and goes is one trouble.
    Story("RelaisPartnerSilent", [UP, THERE, partner("relais_silence_seconds", each_minute((0, 10), *([(60, 19), (0, 1)] * 5), (0, 130)))],
          [25, 60, 109, 113], [24, 114]),
    # An exercise is none.
    Story("RelaisDeadLetters", [UP, partner("relais_dead_letters", each_minute((4, 240)), 'institution="caf-25",exercise="true"'),
                                partner("relais_dead_letters", each_minute((0, 240)), 'institution="caf-25",exercise="false"')],
          [], [5, 100], starts=0),
    # While the broker is away nothing recovers, and nothing starts; what is as it was is not told again.
    Story("RelaisPartnerSilent", [AWAY, STAYS, partner("relais_silence_seconds", away(60))], [20, 61, 99, 100, 120], [10]),
    Story("RelaisPartnerSilent", [AWAY, STAYS, partner("relais_silence_seconds", away(60, after=0))], [20, 61, 99, 104], [105]),
    Story("RelaisPartnerSilent", [AWAY, STAYS, partner("relais_silence_seconds", away(0))], [], [61, 99, 115], starts=0),
    Story("RelaisDeadLetters", [AWAY, partner("relais_dead_letters", away(1), 'institution="caf-25",exercise="false"')],
          [10, 61, 99, 100, 120], []),
    Story("RelaisDiskFull", [AWAY, broker("relais_disk_full", away(1))], [10, 61, 99, 100, 120], [0]),
    Story("RelaisNoNetwork", [AWAY, broker("relais_network_version", away(3))], [], [61, 99, 115], starts=0),
    Story("RelaisBrokerDown", [AWAY], [62, 101], [61, 102]),
    # All is cut: partners seem silent for a minute, then nobody can look. They are back a minute after the broker.
    Story("RelaisPartnerSilent", [AWAY, *CUT], [], [61, 80, 100, 104, 110], starts=0),
    Story("RelaisNoAdapters", [AWAY, *CUT], [], [61, 80, 100, 104, 110], starts=0),
    # Nobody is connected: whose silence was told stays silent, the others' is not told, and both are back.
    Story("RelaisPartnerSilent", [UP, *NOBODY], [25, 64], [24, 66], labels=',institution="caf-25"'),
    Story("RelaisPartnerSilent", [UP, *NOBODY], [], [35, 50, 64], starts=0, labels=',institution="ccas-25056"'),
    Story("RelaisNoAdapters", [UP, *NOBODY], [35, 62], [34, 63]),
    Story("RelaisMessagesWait", [UP, *NOBODY, partner("relais_queue_oldest_seconds", each_minute((0, 40), (4_000, 20), (0, 180)))],
          [], [45, 61, 64], starts=0),
    Story("RelaisNoAdapters", [broker("up", each_minute((1, 60), (0, 40), (1, 140))),
                               partner("relais_silence_seconds", each_minute((60, 60), (GONE, 1), ("_", 39), (60, 1), (0, 139)))],
          [5, 61, 99, 103], [104]),
    Story("RelaisAdapterDisconnected", [AWAY, adapter("up", each_minute((1, 240))),
                                        adapter("relais_adapter_connected", each_minute((1, 60), (0, 40), (1, 140)))],
          [], [80, 99, 102], starts=0),
    # A maintenance: silence is told when it outlasts the pause, and what waited has a quarter of an hour to be delivered.
    Story("RelaisPartnerSilent", [UP, THERE, partner("relais_silence_seconds", each_minute((0, 10), (60, 50), (0, 180))),
                                  partner("relais_institution_paused", each_minute((0, 8), (1, 54), (0, 178)))],
          [], [25, 40, 59, 62, 80], starts=0),
    Story("RelaisPartnerSilent", [UP, THERE, partner("relais_silence_seconds", each_minute((0, 10), (60, 90), (0, 140))),
                                  partner("relais_institution_paused", each_minute((0, 8), (1, 32), (0, 200)))],
          [55, 104], [25, 54, 105]),
    Story("RelaisMessagesWait", [UP, partner("relais_queue_oldest_seconds", each_minute((0, 10), (4_000, 56), (0, 174))),
                                 partner("relais_institution_paused", each_minute((0, 5), (1, 55), (0, 180)))],
          [], [12, 40, 62, 67, 80], starts=0),
    Story("RelaisMessagesWait", [UP, partner("relais_queue_oldest_seconds", each_minute((0, 10), (4_000, 80), (0, 150))),
                                 partner("relais_institution_paused", each_minute((0, 5), (1, 55), (0, 180)))],
          [77, 94], [12, 40, 73, 95]),
    # Who left the network is silent for ever, and nobody is told so.
    Story("RelaisPartnerSilent", [UP, THERE, partner("relais_silence_seconds", each_minute((60, 60), (GONE, 1)))], [20, 64], [70]),
]


def together(stories):
    """As few runs as may be: each takes promtool the same time, however much happens in it."""
    runs = []
    for story in stories:
        run = next((run for run in runs if story.fits(run)), None)
        if run is None:
            runs.append([story])
        else:
            run.append(story)
    for run in runs:
        series = {one["series"]: one for story in run for one in story.series}
        yield {"name": ", ".join(story.alert for story in run), "interval": "1m", "input_series": list(series.values()),
               "promql_expr_test": [look for story in run for look in story.looks()]}


def alerts():
    return re.findall(r"- alert: (\w+)", RULES.read_text(encoding="utf-8"))


class Rules(unittest.TestCase):
    def promtool(self, *words):
        # It makes a database for each story, and syncs it: in memory that takes no time.
        memory = {"TMPDIR": "/dev/shm"} if os.access("/dev/shm", os.W_OK) else {}
        done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False, timeout=300,
                              env={**os.environ, **memory})
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def run_stories(self, stories, **more):
        groups = re.findall(r"- name: ([\w-]+)", RULES.read_text(encoding="utf-8"))
        tests = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "group_eval_order": groups,
                 "tests": list(together(stories))}
        for test in tests["tests"]:
            test.update(more)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "stories.yml"
            path.write_text(json.dumps(tests), encoding="utf-8")  # which is YAML too
            self.promtool("test", "rules", path)

    def test_promtool_finds_nothing_wrong(self):
        self.promtool("check", "rules", RULES)
        self.promtool("check", "config", MONITORING / "prometheus.yml")

    def test_each_alert_starts_once_and_ends_once(self):
        self.assertEqual(set(alerts()), {story.alert for story in STORIES})
        self.run_stories(STORIES)

    def test_a_story_that_is_wrong_is_found(self):
        story = state("RelaisDeadLetters", "relais_dead_letters", each_minute((0, 10), (2, 10), (0, 220)), 11, 25,
                      lambda name, values: partner(name, values, 'institution="caf-25",exercise="false"'))
        with self.assertRaises(AssertionError):
            self.run_stories([story])

    def test_what_an_alert_says_is_whole(self):
        self.run_stories([Story("RelaisPartnerSilent", [UP, THERE, partner("relais_silence_seconds", each_minute((0, 10), (4_000, 230)))],
                                [30], [10])], alert_rule_test=[{
            "eval_time": "30m", "alertname": "RelaisPartnerSilent", "exp_alerts": [{
                "exp_labels": {"instance": "b:5580", "job": "relaisd", "institution": "caf-25", "severity": "warning"},
                "exp_annotations": {
                    "summary": "No adapter of caf-25 is connected, for 1h 6m 40s at least.",
                    "action": "The institution's IT team looks at the adapter: is it running, what does its log say? "
                              "The broker keeps everything.",
                    "summary_fr": "Aucun adaptateur de caf-25 n'est connecté, depuis au moins 1h 6m 40s.",
                    "action_fr": "L'équipe informatique de l'institution regarde l'adaptateur : tourne-t-il, que dit son journal ? "
                                 "Le courtier garde tout."}}]}])

    def test_each_alert_says_what_is_wrong_and_what_to_do_in_both_languages(self):
        text = RULES.read_text(encoding="utf-8")
        for block in text.split("- alert: ")[1:]:
            for key in ("severity", "summary", "action", "summary_fr", "action_fr"):
                self.assertRegex(block, rf"\b{key}: \S", block.split()[0])
        self.assertNotRegex(text, r"\$labels\.(?!instance|institution|adapter)")


if __name__ == "__main__":
    unittest.main()
