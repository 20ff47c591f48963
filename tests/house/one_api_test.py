"""relaisctl and the web console show and do the same things through one documented HTTP API: each route that openapi.json
describes is used by both, or there is a reason why one of them has no need of it."""

import json
import re
import unittest
from pathlib import Path

import tree

NOT_RELAISCTL = {
    "GET /health": "for whatever restarts a broker",
    "GET /ready": "for whatever puts a broker behind an address",
    "GET /openapi.json": "for people, and for makers of other programs",
    "GET /api/v1/login": "whoever has the token logs in nowhere",
    "POST /api/v1/login": "the same",
    "GET /api/v1/login/provider": "the same",
    "GET /api/v1/login/provider/return": "the same",
    "GET /api/v1/session": "the same: the token may do everything",
    "POST /api/v1/logout": "the same",
    "GET /api/v1/backups": "reads the folder itself, also where no broker runs",
    "GET /api/v1/backups/{number}": "the same",
}
NOT_CONSOLE = {
    "GET /health": "for whatever restarts a broker",
    "GET /ready": "for whatever puts a broker behind an address",
    "GET /metrics": "for Prometheus",
    "GET /openapi.json": "for people, and for makers of other programs",
    "GET /api/v1/login/provider/return": "the provider of identities sends the browser there",
    "GET /api/v1/status": "the overview tells the same and more",
    "GET /api/v1/queues": "the same",
    "GET /api/v1/pauses": "the overview and the institutions' pages tell the same",
}

# In C++ a path is a text of its own, of which the last part may be an id, and something behind it.
CPP = re.compile(r'(\bpost\(\s*)?"(/(?:api/v1|metrics)[^"?{]*)(?:" \+ [\w.]+ \+\s*"(/[a-z]+))?')
CHOSEN = re.compile(r'\?\s*"(/api/v1/[^"?{]*)"\s*:\s*"(/api/v1/[^"?{]*)"')  # of a post
# In the console it is the first argument of whatever asks, without what all of them begin with.
CALL = re.compile(r"\b(ask|tell|useLive|useWalk|useList)\b(?:<[^()]*?>)?\(")
LITERAL = re.compile(r"""(?<!=== )['`]([a-z][a-z0-9/-]*)(\$\{[^}]*\}(/[a-z]+))?(?=['`?]|\$\{)""")
LINKED = re.compile(r"""["']/api/v1/([a-z][a-z0-9/-]*[a-z])["']""")


def described() -> set[str]:
    paths = json.loads(tree.text(Path("broker/admin/openapi.json")))["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def matches(route: str, method: str, used: str, goes_on: bool) -> bool:
    """A path that ends with a slash has something put behind it."""
    of, path = route.split(" ")
    if of != method:
        return False
    pattern = re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(path))
    return re.fullmatch(pattern, used + "x" if goes_on else used) is not None


def routes_of(uses: set[tuple[str, str]], routes: set[str]) -> tuple[set[str], set[str]]:
    """The routes that are used, and what is used and is none."""
    found, unknown = set(), set()
    for method, path in uses:
        hit = {route for route in routes if matches(route, method, path, path.endswith("/"))}
        found |= hit
        if not hit:
            unknown.add(f"{method} {path}")
    return found, unknown


def used_by_relaisctl() -> set[tuple[str, str]]:
    uses = set()
    for path in tree.files(".cpp", below="broker/cli"):
        text = tree.text(path)
        chosen = {one for pair in CHOSEN.findall(text) for one in pair}
        uses |= {("POST", used) for used in chosen}
        for post, used, tail in CPP.findall(text):
            if used not in chosen:
                uses.add(("POST" if post else "GET", f"{used}x{tail}" if tail else used))
    return uses


def first_argument(text: str) -> str:
    """Of a call whose bracket has just been opened."""
    depth = 0
    for at, char in enumerate(text):
        if depth == 0 and char in ",)":
            return text[:at]
        depth += (char in "([{") - (char in ")]}")
    return text


def used_by_console() -> set[tuple[str, str]]:
    uses = set()
    for path in tree.files(".ts", ".tsx", below="broker/admin/console/src"):
        text = tree.text(path)
        for call in CALL.finditer(text):
            method = "POST" if call[1] == "tell" else "GET"
            for used, _, tail in LITERAL.findall(first_argument(text[call.end():])):
                uses.add((method, f"/api/v1/{used}x{tail}" if tail else f"/api/v1/{used}"))
        uses |= {("GET", "/api/v1/" + used) for used in LINKED.findall(text)}
    return uses


class OneApi(unittest.TestCase):
    maxDiff = None

    def agree(self, uses: set[tuple[str, str]], reasons: dict[str, str]):
        routes = described()
        found, unknown = routes_of(uses, routes)
        self.assertEqual(set(), unknown, "no route of openapi.json")
        self.assertEqual(set(), set(reasons) - routes, "a reason for a route that there is not")
        self.assertEqual(sorted(routes - set(reasons)), sorted(found - set(reasons)))
        self.assertEqual(set(), found & set(reasons), "used all the same: strike it off the reasons")

    def test_relaisctl_uses_every_route_or_there_is_a_reason(self):
        self.agree(used_by_relaisctl(), NOT_RELAISCTL)

    def test_the_console_uses_every_route_or_there_is_a_reason(self):
        self.agree(used_by_console(), NOT_CONSOLE)


if __name__ == "__main__":
    unittest.main()
