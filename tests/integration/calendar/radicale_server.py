"""A Radicale of its own for tests: a free loopback port, throw-away data, one account with one calendar; and how a person
changes an event there."""

import base64
import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from free_port import free_port

USER, PASSWORD = "accueil", "a password for tests"
PATIENCE_S = 60.0

MAKE_CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>
<c:supported-calendar-component-set><c:comp name="VEVENT"/></c:supported-calendar-component-set>
</d:prop></d:set></c:mkcalendar>"""


def changed(event, **properties):
    """The event with these properties, and everything else as it was."""
    text = re.sub(r"\r?\n[ \t]", "", event)
    for name, value in properties.items():
        text = re.sub(rf"(BEGIN:VEVENT.*?)\r?\n{name}[;:][^\r\n]*", r"\g<1>", text, flags=re.S)
        text = text.replace("BEGIN:VEVENT", f"BEGIN:VEVENT\r\n{name}:{value}", 1)
    return text


class Radicale:
    def __init__(self, folder: Path, port: int = 0):
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.port = port or free_port()
        self.process = None
        self.command = ["/usr/bin/python3", "-m", "radicale", "--config", self.folder / "config"]
        (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        (folder / "config").write_text(f"""
[server]
hosts = 127.0.0.1:{self.port}
[auth]
type = htpasswd
htpasswd_filename = {folder / "users"}
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder / "data"}
[logging]
level = warning
""")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/{USER}/rendez-vous/"

    @property
    def calendar(self):
        return self.folder / "data" / "collection-root" / USER / "rendez-vous"

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                if self.ask("OPTIONS", self.url)[0]:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("Radicale did not start:\n" + (self.folder / "log").read_text())
            time.sleep(0.05)
        self.make_calendar()

    def make_calendar(self):
        """Does nothing when it is there."""
        self.ask("MKCALENDAR", self.url, MAKE_CALENDAR)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def forget_history(self):
        """Sync tokens handed out before are not known any more."""
        for history in (self.calendar / ".Radicale.cache" / "sync-token").iterdir():
            history.unlink()

    def ask(self, method, url, body=None, **headers):
        """(status, text, etag)"""
        credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(url, body.encode() if body else None, method=method, headers={
            "Authorization": f"Basic {credentials}", "Content-Type": "text/calendar; charset=utf-8", **headers})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode(), answer.headers.get("ETag")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, "", None

    def events(self):
        """Name to text, of everything in the calendar."""
        found = {}
        for path in self.calendar.glob("*.ics"):
            try:
                found[path.name] = path.read_text()
            except FileNotFoundError:
                pass  # deleted meanwhile
        return found

    def put(self, name, text):
        status, _, _ = self.ask("PUT", self.url + name, text)
        if status not in (201, 204):
            raise RuntimeError(f"PUT answers {status}")

    def delete(self, name):
        status, _, _ = self.ask("DELETE", self.url + name)
        if status != 200:
            raise RuntimeError(f"DELETE answers {status}")
