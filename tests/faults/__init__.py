"""Crashes under load: whatever is killed, what was acknowledged is kept once, told once, and shown as it is."""
