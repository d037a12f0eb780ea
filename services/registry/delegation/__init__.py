"""Delegations: who travelled, where they stopped, what was signed there and what was promised."""
