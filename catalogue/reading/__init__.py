"""Reading a 规格型号 string into named elements: what is behind catalogue/elements.py.

model.py      what a reading is
splitting.py  the string's parts, its two leading codes, its anti-dumping tail
signals.py    what a part's text looks like by itself: a brand, a CAS number, a length ...
slots.py      what an element's name asks for
scores.py     how well the one suits the other
older.py      elements of older lists and of vehicle parts
aligning.py   the best order-keeping match of parts and elements
plan.py       all that is prepared once for an element list
reader.py     the whole
held.py       the editions and lists that the database holds
"""
