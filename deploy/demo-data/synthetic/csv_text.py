"""CSV as agencies write it: `;`, CRLF, quotes only where needed and doubled inside."""


def cell(value: str) -> str:
    if any(mark in value for mark in ';"\r\n'):
        return '"' + value.replace('"', '""') + '"'
    return value


class CsvText:
    """Collects rows as bytes, so that one row may break the encoding or the quoting of the file on purpose."""

    def __init__(self, header: list[str], encoding: str, bom: bool, newline: str):
        self._encoding = encoding
        self._newline = newline
        self._lines = 0
        self._data = b"\xef\xbb\xbf" if bom else b""
        self.add(header)

    def add(self, values: list[str], encoding: str = "") -> int:
        """Appends a row and answers the number of the line where it begins."""
        return self.add_text(";".join(cell(value) for value in values), encoding)

    def add_text(self, text: str, encoding: str = "") -> int:
        begins = self._lines + 1
        self._lines += 1 + text.count("\n")
        self._data += (text + self._newline).encode(encoding or self._encoding)
        return begins

    @property
    def data(self) -> bytes:
        return self._data
