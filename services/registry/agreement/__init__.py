"""Agreements: from draft to signature, entry into force and term."""
