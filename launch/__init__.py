"""What quickstart.py is made of: the standard library only, so that it runs before any install."""
