"""A browser of few words: keeps cookies, sends what the console sends, follows no redirection."""

import base64
import hashlib
import hmac
import http.client
import json
import ssl
import struct
import subprocess
import time
from urllib.parse import urlsplit


def certificate(folder, names="DNS:localhost,IP:127.0.0.1"):
    """A certificate of its own authority, and its key."""
    files = folder / "tls.crt", folder / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", f"subjectAltName={names}",
                    "-keyout", files[1], "-out", files[0]], check=True, capture_output=True)
    files[1].chmod(0o600)
    return files


def totp(secret, at=None):
    """RFC 6238, as a telephone does it."""
    step = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), step, hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json["refused"]["code"]


class Visitor:
    def __init__(self, address, authority=None):
        self.address = address
        self.cookies = {}
        self.csrf = ""
        self._tls = ssl.create_default_context(cafile=authority) if authority else None

    def ask(self, method, url, body=None, headers=None):
        """`url`: a path here, or an address of anybody that `authority` vouches for."""
        parts = urlsplit(url if "://" in url else self.address + url)
        make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        options = {"context": self._tls} if parts.scheme == "https" else {}
        connection = make(parts.hostname, parts.port, timeout=120, **options)
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        if body is not None:
            sent |= {"Content-Type": "application/json", "Relais-CSRF": self.csrf}
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, None if body is None else body if isinstance(body, str) else json.dumps(body),
                           sent | (headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
            if not value or "expires=Thu, 01 Jan 1970" in cookie:
                del self.cookies[name]
        connection.close()
        return Answer(answer.status, answer.headers, text)

    def get(self, path, headers=None):
        return self.ask("GET", path, headers=headers)

    def post(self, path, body, headers=None):
        return self.ask("POST", path, body, headers)

    def log_in(self, name, password, code=""):
        answer = self.post("/api/v1/login", {"name": name, "password": password, "code": code})
        if answer.status == 200:
            self.csrf = answer.json["csrf"]
        return answer
