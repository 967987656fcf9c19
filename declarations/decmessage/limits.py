"""How much a DecMessage file and an archive of them may hold.

A declaration of 50 goods lines, the most that customs accepts, takes about 150 KiB.
"""

MEBIBYTE = 2**20

MOST_BYTES = 8 * MEBIBYTE  # of one file, unpacked
MOST_DEPTH = 16  # the schema's deepest node stands at 8
MOST_NODES = 100_000  # that many take a second; 50 goods lines have 5,000
MOST_LINES = 1_000  # goods lines of one declaration
MOST_FAULTS = 20_000  # that are listed of one import
MOST_UNKNOWN = 50  # kinds of unknown nodes that are named

MOST_FILES = 10_000  # in an archive
MOST_PACKED = 256 * MEBIBYTE  # of an archive
MOST_UNPACKED = 1024 * MEBIBYTE
MOST_NODES_IN_ALL = 30_000_000  # a gibibyte of ordinary messages
MOST_RATIO = 200  # unpacked to packed; messages reach 20 to 60
RATIO_COUNTS_FROM = MEBIBYTE
