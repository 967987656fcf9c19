"""Reading a catalogue out of a file: the official PDF, a sheet, or tab-separated text."""
