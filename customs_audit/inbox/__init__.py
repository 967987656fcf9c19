"""Files that arrive by a network folder: taken once, checked, reported beside themselves."""
