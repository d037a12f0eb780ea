"""The one-machine stack: Postgres, NATS, the registry and the notifier, started and stopped as one.

`python -m deploy.embedded` runs all of it; `throwaway` starts only the two servers, for tests.
"""
