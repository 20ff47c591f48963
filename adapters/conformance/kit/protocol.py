"""The messages of proto/ and the primitives of adapters/python, made importable as the package `relais`: nothing has to be built
before an adapter can be tried."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

_folder = Path(tempfile.mkdtemp(prefix="relais-conformance-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
_package = _folder / "relais"
_package.mkdir()
for _module in (ROOT / "adapters/python/relais").iterdir():
    if _module.name != "__pycache__":
        (_package / _module.name).symlink_to(_module)
subprocess.run(["protoc", "-I", ROOT / "proto", f"--python_out={_folder}", *sorted((ROOT / "proto").glob("relais/v1/*.proto"))],
               check=True)
sys.path.insert(0, str(_folder))
SDK = str(_folder)
"""For the PYTHONPATH of an adapter that uses the Python SDK of this clone."""
sys.dont_write_bytecode = True
