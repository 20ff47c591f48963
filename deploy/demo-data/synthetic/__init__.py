"""Synthetic persons, and the shapes of files in which institutions would write about them."""
