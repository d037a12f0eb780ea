"""Renewals: one case for each cycle of an agreement."""
