"""The rules as sentences: given what happened, when somebody asks, then this and nothing else."""
