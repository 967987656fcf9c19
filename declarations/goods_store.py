"""Storing the distinct goods of an import, and the contents behind them.

Goods are the exact declared text; contents what it says (declarations/normalise.py). Both are
worked out once for each distinct text that the database has not seen, never for each line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db import connection

from declarations.normalise import (
    content_key,
    normalise_g_model,
    normalise_text,
    search_grams,
    search_text,
)

CHUNK = 2_000

# Word by word, an index of search grams takes ten times as long as in one go: new contents wait in
# the index's pending list until all are there. It is emptied at once, for a search reads all of it.
_GATHER_GRAMS = "SET LOCAL gin_pending_list_limit = '1GB'; SET LOCAL maintenance_work_mem = '128MB'"
_INDEX_GRAMS = "SELECT gin_clean_pending_list('content_grams')"

_NEW_GOODS = """
CREATE TEMPORARY TABLE import_goods ON COMMIT DROP AS
SELECT DISTINCT ON (r.goods_key) r.goods_key, r.hs_code, r.ie_flag, r.g_name, r.g_model
  FROM import_row r
 WHERE r.sound AND NOT EXISTS (
       SELECT FROM declarations_goods g WHERE g.goods_key = r.goods_key)
"""
_CREATE_KEYS = """
CREATE TEMPORARY TABLE import_content (goods_key bytea NOT NULL, content_key bytea NOT NULL)
ON COMMIT DROP
"""
_KNOWN_CONTENTS = "SELECT content_key FROM declarations_content WHERE content_key = ANY(%s)"
_COPY_CONTENTS = """
COPY declarations_content
     (content_key, hs_code, ie_flag, name, g_model, search_text, search_grams, is_public)
FROM STDIN
"""
_INSERT_GOODS = """
INSERT INTO declarations_goods (goods_key, hs_code, ie_flag, name, g_model, content_id)
SELECT n.goods_key, n.hs_code, n.ie_flag, n.g_name, n.g_model, c.id
  FROM import_goods n
  JOIN import_content k ON k.goods_key = n.goods_key
  JOIN declarations_content c ON c.content_key = k.content_key
 ORDER BY c.id
"""

NewGoods = tuple[bytes, str, str, str, str]


def goods_key(hs_code: str, ie_flag: str, name: str, g_model: str) -> bytes:
    """The sixteen-byte key of an exact declared text; no part may hold control characters."""
    text = "\x1f".join((hs_code, ie_flag, name, g_model))
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def store_goods() -> tuple[int, int]:
    """Store the goods and contents of the staged rows that are new; return how many of each."""
    contents = 0
    with connection.cursor() as cursor:
        cursor.execute(_NEW_GOODS)
        cursor.execute(_CREATE_KEYS)
        cursor.execute(_GATHER_GRAMS)
        for goods in _chunks():
            contents += _store_contents(goods)
        cursor.execute(_INDEX_GRAMS)
        cursor.execute("ANALYZE import_content")
        cursor.execute(_INSERT_GOODS)
        return cursor.rowcount, contents


def _chunks() -> Iterator[list[NewGoods]]:
    """The new goods, a chunk at a time, through a cursor of the server's."""
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT goods_key, hs_code, ie_flag, g_name, g_model FROM import_goods")
        while rows := cursor.fetchmany(CHUNK):
            yield [(bytes(row[0]), *row[1:]) for row in rows]


def _store_contents(goods: list[NewGoods]) -> int:
    keys = [content_key(hs_code, ie, name, model) for _, hs_code, ie, name, model in goods]
    first_goods = dict(zip(reversed(keys), reversed(goods), strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_CONTENTS, [list(first_goods)])
        known = {bytes(row[0]) for row in cursor}
        with cursor.copy("COPY import_content (goods_key, content_key) FROM STDIN") as copy:
            for key, row in zip(keys, goods, strict=True):
                copy.write_row((row[0], key))
        with cursor.copy(_COPY_CONTENTS) as copy:
            for key, (_, hs_code, ie_flag, name, g_model) in first_goods.items():
                if key in known:
                    continue
                text = search_text(hs_code, name, g_model)
                copy.write_row(
                    (
                        key,
                        hs_code,
                        ie_flag,
                        normalise_text(name),
                        normalise_g_model(g_model),
                        text,
                        search_grams(text),
                        False,
                    )
                )
    return len(first_goods) - len(known)
