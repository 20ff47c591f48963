"""Prometheus and Alertmanager as Debian ships them, on free ports, and who is told: a mail server and webhooks."""

import http.server
import json
import re
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from broker_process import free_port
from catalogue import MONITORING

PATIENCE_S = 120.0
FASTER = 60  # a minute of the rules is a second here; what they look at is real


def faster(text):
    """The same rules or routes with shorter waits."""
    in_ms = {"s": 1_000, "m": 60_000, "h": 3_600_000}

    def shorter(found):
        # A busy machine is no broker that is down.
        least = 5_000 if found[1] == "for" else 500
        return f"{found[1]}: {max(least, int(found[2]) * in_ms[found[3]] // FASTER)}ms"

    return re.sub(r"\b(for|keep_firing_for|group_wait|group_interval): (\d+)([smh])\b", shorter, text)


class Service:
    """A program that answers HTTP on a port of its own."""

    def __init__(self, test, name, folder, command):
        self.port = free_port()
        self.log = folder / f"{name}.log"
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen([word.format(port=self.port) for word in command], stdout=log, stderr=log, cwd=folder)
        test.addCleanup(self.stop)
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.get("/-/ready")
                return
            except OSError:
                if time.monotonic() > until or self._process.poll() is not None:
                    raise RuntimeError(f"{name} did not start:\n{self.log.read_text()}") from None
                time.sleep(0.1)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return answer.read().decode()

    def stop(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait(PATIENCE_S)


class Alertmanager(Service):
    def __init__(self, test, folder, contacts):
        """`contacts`: the text of a file of contacts."""
        (folder / "contacts.toml").write_text(contacts, encoding="utf-8")
        made = folder / "alertmanager.yml"
        subprocess.run([MONITORING / "contacts", folder / "contacts.toml", "--out", made], check=True, timeout=60)
        made.write_text(faster(made.read_text(encoding="utf-8")), encoding="utf-8")
        super().__init__(test, "alertmanager", folder, [
            "prometheus-alertmanager", "--config.file=alertmanager.yml", "--storage.path=alertmanager", "--data.retention=17520h",
            "--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="])


class Prometheus(Service):
    def __init__(self, test, folder, alertmanager, targets):
        """`targets`: addresses by job."""
        (folder / "alerts.yml").write_text(faster((MONITORING / "alerts.yml").read_text(encoding="utf-8")), encoding="utf-8")
        jobs = [{"job_name": job, "static_configs": [{"targets": where}]} for job, where in targets.items()]
        settings = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "500ms"},
                    "rule_files": ["alerts.yml"], "scrape_configs": jobs,
                    "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager.port}"]}]}]}}
        (folder / "prometheus.yml").write_text(json.dumps(settings), encoding="utf-8")
        super().__init__(test, "prometheus", folder, [
            "prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=prometheus", "--log.level=warn",
            "--web.listen-address=127.0.0.1:{port}"])

    def query(self, expression):
        answer = json.loads(self.get("/api/v1/query?" + urllib.parse.urlencode({"query": expression})))
        return answer["data"]["result"]

    def firing(self):
        """(alert, institution) of those that stand now."""
        found = json.loads(self.get("/api/v1/alerts"))["data"]["alerts"]
        return {(one["labels"]["alertname"], one["labels"].get("institution", "")) for one in found if one["state"] == "firing"}


class Mailbox:
    """A mail server that takes everything: (address, alert, institution, "firing" or "resolved")."""

    def __init__(self, test):
        self.port = free_port()
        self.got, self.texts = [], []
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        test.addCleanup(controller.stop)

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        said = re.fullmatch(r"\[Relais\] (ALERTE|FIN) (\w+)(?: (\S+))?", mail["Subject"])
        status = {"ALERTE": "firing", "FIN": "resolved"}[said[1]] if said else mail["Subject"]
        for address in envelope.rcpt_tos:
            self.got.append((address, said and said[2], said and said[3] or "", status))
        self.texts.append(mail.get_body(("plain",)).get_content())
        return "250 OK"


class Webhook:
    """(path, alert, institution, status) of each alert that was told, and the token it came with."""

    def __init__(self, test):
        self.got, self.tokens = [], set()
        got, tokens = self.got, self.tokens

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                tokens.add((self.path, self.headers.get("Authorization")))
                for alert in told["alerts"]:
                    got.append((self.path, alert["labels"]["alertname"], alert["labels"].get("institution", ""), alert["status"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                """What came is in `got`."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        test.addCleanup(server.server_close)
        test.addCleanup(server.shutdown)


def counted(got, where):
    """What came there, each with how often."""
    return Counter(entry[1:] for entry in got if entry[0] == where)
