"""The command line: the same commands and queries, for people at a terminal and for scripts."""
