"""Soft cards: test cards on disk and a local control that speaks for them. Never trusted in production."""
