"""The pages: plain forms that work without scripts, Korean first."""
