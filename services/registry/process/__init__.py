"""Rules that span slices: a fact comes in, commands go out, and nothing is kept in between."""
