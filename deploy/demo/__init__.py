"""The demonstration: what two public documents say, loaded through the public API.

The facts stand in `busanjin.toml` (a news report of June 2025) and `yeongdeungpo.toml` (a pledge's
progress sheet of December 2020), each with the passage it comes from, as vague as it is stated there.
No term, notice or entry into force is stated in either, so none is recorded.

The documents also name natural persons. They are not loaded: names belong in the vault, which
comes later, and never in an event.
"""
