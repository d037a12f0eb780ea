"""The registry: records what happened to agreements, and answers what held and what was known."""
