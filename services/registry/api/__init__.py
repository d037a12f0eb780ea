"""The HTTP API: one POST per command, GET for queries."""
