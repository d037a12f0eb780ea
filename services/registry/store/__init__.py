"""Where facts are kept: the event log on Postgres. Knows no slice."""
