"""The pages in a real browser, before the whole stack."""
