"""A broker is drained, ended and started anew while an institution goes on sending: nothing is lost, nothing counted anew."""

import signal
import unittest

import generated  # noqa: F401  (puts the generated messages on the path)

import roles
import two_offices
from relais_adapter import Adapter
from traffic import Traffic
from two_offices import CAF, CCAS

TAKEN_MEANWHILE = 20


class Told(Adapter):
    """Remembers what it is told of the broker's end."""

    def __init__(self, settings, role):
        super().__init__(settings, role)
        self.draining = False
        self.put_off = set()

    def _read(self, frame):
        self.draining = self.draining or frame.notice.draining
        super()._read(frame)

    def _refused(self, refused, session):
        if refused.message_id:
            self.put_off.add((refused.code, refused.retry))
        super()._refused(refused, session)


class UpgradeTest(two_offices.TwoOffices):
    def status(self):
        return self.control("status", "--data", self.broker.folder / "data")

    def drain(self, what, *words):
        return self.control("drain", what, *words, "--data", self.broker.folder / "data")

    def queues(self):
        """By institution."""
        rows = self.control("queues", "--data", self.broker.folder / "data")["queues"]
        still = ("queued", "parked", "dead", "delivered", "sent", "referrals_open")
        return {row["institution"]: {name: row[name] for name in still} for row in rows}

    def waiting(self):
        return sum(row["real"]["queued"] for row in self.broker.get("/api/v1/queues")["queues"] if row["institution"] == CAF)

    def ids(self, adapter, table):
        return sorted(row for row, in adapter.store.db.execute(f"select message_id from {table}"))

    def test_a_drained_broker_takes_nothing_delivers_what_it_has_and_starts_again_with_the_same_figures(self):
        ready = (200, {"ready": True})
        with Traffic(self.broker, offices=[CCAS], kind=Told, role=roles.Asking) as traffic:
            self.wait_for(lambda: self.waiting() > 3 * TAKEN_MEANWHILE, "a queue", traffic)
            self.assertEqual(self.broker.says("/ready"), ready)
            begun = self.drain("start", "--operator", "Camille", "--reason", "version 2")
            self.assertTrue(begun["draining"])
            self.assertEqual(self.broker.says("/ready"), (503, {"ready": False, "why": "broker.draining"}))
            self.assertEqual(self.broker.says("/health"), (200, {"healthy": True}))
            sender = traffic.adapters[CCAS]
            self.wait_for(lambda: sender.draining and sender.put_off, "the notice and a refusal", traffic)
            self.assertEqual(sender.put_off, {("broker.draining", True)})
            self.assertTrue(self.status()["draining"])

            drained, asked = self.queues(), len(traffic.asked)
            caf = self.adapter(CAF, role=roles.Role)
            self.run_until(lambda: len(self.inbox(caf)) >= TAKEN_MEANWHILE, "deliveries while it drains")
            self.adapters.pop(CAF).close()
            done = self.drain("start", "--operator", "Camille", "--reason", "version 2, nothing in flight", "--wait", 60)
            self.assertTrue(done["nothing_in_flight"])
            self.assertEqual(self.drain("show")["out_for_delivery"], 0)
            self.wait_for(lambda: len(traffic.asked) > asked, "more to send", traffic)
            last, position = self.queues(), self.status()["position"]
            self.assertEqual(last[CCAS], drained[CCAS], "nothing new was taken")
            self.assertGreaterEqual(last[CAF]["delivered"], TAKEN_MEANWHILE)
            self.assertGreater(last[CAF]["queued"], 0)
            self.assertEqual(last[CAF]["queued"] + last[CAF]["delivered"], drained[CAF]["queued"])
            self.stop_broker()

        self.broker.start()
        self.assertEqual(self.broker.says("/health"), (200, {"healthy": True}))
        self.assertEqual(self.broker.says("/ready"), ready)
        self.assertEqual(self.queues(), last)
        status = self.status()
        self.assertFalse(status["draining"])
        self.assertGreaterEqual(status["position"], position)

        ccas, caf = self.adapter(CCAS, role=roles.Asking), self.adapter(CAF, role=roles.Role)
        self.run_until(lambda: len(self.inbox(caf)) >= len(traffic.asked) and self.idle(ccas), "what was kept")
        self.assertEqual(self.ids(caf, "inbox"), self.ids(ccas, "outbox"))
        self.assertEqual({state for _, state, _ in self.outbox(ccas)}, {"accepted"})
        acts = self.control("audit", "list", "--action", "broker.drain", "--data", self.broker.folder / "data")["acts"]
        self.assertEqual([(act["operator"], act["reason"]) for act in acts],
                         [("Camille", "version 2, nothing in flight"), ("Camille", "version 2")])

    def test_a_drain_by_the_signal_is_taken_back_and_messages_are_taken_again(self):
        ready = (200, {"ready": True})
        with Traffic(self.broker, kind=Told) as traffic:
            self.wait_for(lambda: traffic.asked, "traffic", traffic)
            self.broker.process.send_signal(signal.SIGUSR1)
            self.wait_for(lambda: self.broker.says("/ready") != ready, "draining", traffic)
            self.assertTrue(self.drain("show")["draining"])
            sender = traffic.adapters[CCAS]
            self.wait_for(lambda: sender.put_off, "a refusal", traffic)
            self.wait_for(lambda: self.drain("show")["nothing_in_flight"], "the last acknowledgement", traffic)
            position = self.status()["position"]
            self.assertFalse(self.drain("end", "--operator", "Camille", "--reason", "not today")["draining"])
            self.assertEqual(self.broker.says("/ready"), ready)
            self.wait_for(lambda: self.status()["position"] > position + 20, "messages are taken", traffic)
        self.assertEqual(sender.put_off, {("broker.draining", True)})
        act, = self.control("audit", "list", "--action", "broker.drain_end", "--data", self.broker.folder / "data")["acts"]
        self.assertEqual((act["operator"], act["reason"]), ("Camille", "not today"))


if __name__ == "__main__":
    unittest.main()
