"""What other systems may rely on: envelope, subjects, messages. Imports pydantic and the standard library only."""
