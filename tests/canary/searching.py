"""Where something planted could show up, and in which forms."""

import base64
import re
import socket
import threading
from pathlib import Path

_CHUNK = 256 << 10
_READABLE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+\s*(.*)")


def forms(text: str) -> list[bytes]:
    """As it is, in the two encodings of wide characters, in hexadecimal, and in base64 at each of the three alignments."""
    plain = text.encode()
    found = [plain, text.encode("utf-16-le"), text.encode("utf-16-be"), plain.hex().encode(), plain.hex().upper().encode()]
    for shift in range(3):
        # Characters that also depend on the neighbours are cut off.
        coded = base64.b64encode(b"\0" * shift + plain)
        found.append(coded[(0, 2, 3)[shift]:len(coded) - (0 if (shift + len(plain)) % 3 == 0 else 4)])
    return found


class Planted:
    """Texts to look for; each is told by a name that is no secret."""

    def __init__(self, texts: dict[str, str]):
        self._needles = {form: name for name, text in texts.items() for form in forms(text)}
        self._longest = max(map(len, self._needles))
        self._never_used = bytes(_CHUNK + self._longest)

    def in_bytes(self, data: bytes) -> set[str]:
        return {name for form, name in self._needles.items() if form in data}

    def in_files(self, paths) -> dict[str, set[str]]:
        """File -> what is in it or in its name."""
        found = {str(path): self.in_bytes(path.read_bytes()) | self.in_bytes(path.name.encode()) for path in paths if path.is_file()}
        return {path: names for path, names in found.items() if names}

    def in_memory(self, pid: int) -> tuple[set[str], int]:
        """What the process holds, and how many bytes of it were looked at."""
        found, looked_at = set(), 0
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                region = _READABLE.match(line)
                if region and region[3] not in ("[vvar]", "[vvar_vclock]", "[vsyscall]"):
                    for data in self._chunks(memory, int(region[1], 16), int(region[2], 16)):
                        looked_at += len(data)
                        if data != self._never_used[:len(data)]:  # most of what a process has asked for
                            found |= self.in_bytes(data)
        return found, looked_at

    def _chunks(self, memory, start, end):
        """They overlap: what lies on a border is found too."""
        while start < end:
            try:
                memory.seek(start)
                data = memory.read(min(_CHUNK + self._longest, end - start))
            except (OSError, OverflowError):  # unmapped since, or a page of a device
                return
            if not data:
                return
            yield data
            start += _CHUNK


class Recorder:
    """A port of its own in front of another one. Keeps every byte that passes, in both directions."""

    def __init__(self, port: int):
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets, self._lock = [], threading.Lock()
        self._recorded = []
        threading.Thread(target=self._accept, daemon=True).start()

    def recorded(self) -> list[bytes]:
        """One for each direction of each connection."""
        with self._lock:
            return [bytes(one) for one in self._recorded]

    def close(self):
        self._listener.close()
        with self._lock:
            for one in self._sockets:
                one.close()

    def _accept(self):
        while True:
            try:
                here = self._listener.accept()[0]
            except OSError:
                return
            try:
                there = socket.create_connection(("127.0.0.1", self._to))
            except OSError:  # the broker is away: so is this port
                here.close()
                continue
            for source, target in ((here, there), (there, here)):
                kept = bytearray()
                with self._lock:
                    self._sockets.append(source)
                    self._recorded.append(kept)
                threading.Thread(target=self._pass_on, args=(source, target, kept), daemon=True).start()

    def _pass_on(self, source, target, kept):
        try:
            while data := source.recv(65_536):
                with self._lock:
                    kept += data
                target.sendall(data)
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
