"""A simulated broker and simulated partners, and the promises of proto/README.md that they ask an adapter to keep."""
