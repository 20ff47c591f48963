"""All steps, in the order in which they run."""

from kit.steps import connecting, submitting, receiving, believing, enduring  # noqa: F401
