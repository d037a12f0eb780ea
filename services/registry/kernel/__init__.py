"""What every slice is made of: facts, records, values, refusals and ports. No I/O."""
