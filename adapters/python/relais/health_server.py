"""/health, /ready and /metrics on 127.0.0.1."""

import http.server
import threading
from collections.abc import Callable

from relais.health import Health
from relais.refusal import Refusal

_JSON = "application/json"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


class HealthServer:
    """/health answers 503 when the disk refuses writes, /ready also while messages can not flow."""

    def __init__(self, port: int, adapter: str, health: Callable[[], Health]) -> None:
        self._port = port
        self._adapter = adapter
        self._health = health
        self._server: http.server.ThreadingHTTPServer | None = None

    def start(self) -> None:
        """io.failed when the port is taken."""
        try:
            self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self._port), self._handler())
        except OSError:
            raise Refusal("io.failed", "health_port", path=f"127.0.0.1:{self._port}", why="the port can not be used") from None
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, name="relais-health", daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, path: str) -> tuple[int, str, str]:
        """Status, type, text."""
        if path == "/metrics":
            return 200, _METRICS, self._health().as_metrics(self._adapter)
        if path not in ("/health", "/ready"):
            return 404, _JSON, "{}\n"
        health = self._health()
        good = health.ready if path == "/ready" else not health.store_failed
        return 200 if good else 503, _JSON, health.as_json(self._adapter)

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        answer = self.answer

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 5  # nobody may hold a thread for long

            def do_GET(self) -> None:
                status, kind, text = answer(self.path)
                data = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *arguments: object) -> None:
                """Probes are not news."""

        return Handler
