"""Storing the distinct goods of an import, and the contents behind them.

Goods are the exact declared text; contents what it says (declarations/normalise.py). Both are
worked out once for each distinct text that the database has not seen, never for each line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db import connection

from declarations.arrays import text_array
from declarations.normalise import fold_goods

CHUNK = 2_000

# Word by word, an index of search grams takes ten times as long as in one go: new contents wait in
# the index's pending list until all are there. It is emptied at once, for a search reads all of it.
_GATHER_GRAMS = "SET LOCAL gin_pending_list_limit = '1GB'; SET LOCAL maintenance_work_mem = '128MB'"
_INDEX_GRAMS = "SELECT gin_clean_pending_list('content_grams')"

_NEW_GOODS = """
DROP TABLE IF EXISTS import_goods;
CREATE TEMPORARY TABLE import_goods ON COMMIT DROP AS
SELECT DISTINCT ON (r.goods_key) r.goods_key, r.hs_code, r.ie_flag, r.g_name, r.g_model
  FROM import_row r
 WHERE r.sound AND NOT EXISTS (
       SELECT FROM declarations_goods g WHERE g.goods_key = r.goods_key)
"""
_CREATE_KEYS = """
DROP TABLE IF EXISTS import_content;
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
    folded = {goods_key: fold_goods(*texts) for goods_key, *texts in goods}
    contents = {fold.content_key: fold for fold in folded.values()}
    declared = {folded[goods_key].content_key: texts for goods_key, *texts in goods}
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN_CONTENTS, [list(contents)])
        for (known,) in cursor:
            del contents[bytes(known)]
        with cursor.copy("COPY import_content (goods_key, content_key) FROM STDIN") as copy:
            for goods_key, fold in folded.items():
                copy.write_row((goods_key, fold.content_key))
        with cursor.copy(_COPY_CONTENTS) as copy:
            for content_key, fold in contents.items():
                hs_code, ie_flag = declared[content_key][:2]
                texts = (fold.name, fold.g_model, fold.search_text)
                grams = text_array(fold.search_grams)
                copy.write_row((content_key, hs_code, ie_flag, *texts, grams, False))
    return len(contents)
