"""Partnerships: lasting relations between organisations, apart from any one text."""
