"""Of this package; shown to the broker and in --version."""

VERSION = "0.1.0"
