"""The vault: names and contacts of natural persons, each encrypted under a key of its own, and forgettable."""
