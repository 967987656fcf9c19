"""How dates and times are written where a template doesn't say: as on every page of the portal."""
