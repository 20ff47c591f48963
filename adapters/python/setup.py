"""Packaging: the messages of ../../proto become modules of the package while it is built."""

import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PROTO = Path(__file__).resolve().parents[2] / "proto"


class BuildWithMessages(build_py):
    """Adds relais/v1/*_pb2.py and their types to what is built."""

    def run(self) -> None:
        super().run()
        sources = sorted(PROTO.glob("relais/v1/*.proto"))
        if not sources:
            raise FileNotFoundError(f"{PROTO}: no protocol; build from a clone of Relais")
        subprocess.run(
            ["protoc", "-I", str(PROTO), f"--python_out={self.build_lib}", f"--pyi_out={self.build_lib}", *map(str, sources)],
            check=True,
        )


setup(cmdclass={"build_py": BuildWithMessages})
