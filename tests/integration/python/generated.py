"""The protobuf messages in Python, generated into a temporary folder that goes with the process."""

import atexit
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROTO = Path(__file__).resolve().parents[3] / "proto"

folder = tempfile.mkdtemp(prefix="relais-proto-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
subprocess.run(
    ["protoc", "-I", str(PROTO), f"--python_out={folder}", *map(str, sorted(PROTO.glob("relais/v1/*.proto")))], check=True
)
sys.path.insert(0, folder)
