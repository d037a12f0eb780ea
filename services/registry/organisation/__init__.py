"""Organisations: the bodies that make agreements."""
