"""Read models that span slices."""
