"""DuckDB doing the identical part: `python -m benchmarks.comparing.duck FILE`, a process of its own.

FILE is what exporting.py wrote. Timed is everything from the loaded lines to the table of entries on
disk: normalising and fingerprint of each line, which verdicts count, the official verdict of each
enterprise and content, what is public, the entries with their marks and reasons, the checkpoint. Two
threads. It prints one line of JSON: seconds by step, entries, contents.

Normalising goes as far as DuckDB's SQL goes at a sensible price: NFC, full-width letters, digits and
punctuation, dashes and quotation marks, letter case, white space beside Chinese characters, empty
parts at the end. It has no NFKC; traditional characters (its `translate` of a thousand characters
takes 0.3 ms a text), the case of units and the finer rules of declarations/normalise.py are left out,
so that it does less than we do. checking.py says how many contents that parts.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

THREADS = 2
_SAME = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SAME |= {"\u3000": " ", "\u00a0": " "}
_SAME |= dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
_SAME |= dict.fromkeys("\u2018\u2019\u2032", "'") | dict.fromkeys("\u201c\u201d\u2033", '"')
_SAME |= {"\u301c": "~", "\u223c": "~", "\u2022": "\u00b7", "\u2715": "\u00d7"}
# Where a space says nothing: Chinese characters and the punctuation of normalise.py.
_LOOSE = r"[\x{2e80}-\x{9fff}!-*/:;<=>?@\[\]_`{|}\x{d7}\x{b0}\x{b1}\x{b7}\x{2264}\x{2265}]"


def folding_steps() -> list[str]:
    """Write the steps that normalise a text, as SQL of `{}`.

    Each costly step is done only for texts that have something for it.
    """
    letters = {wide: narrow for wide, narrow in _SAME.items() if narrow.isalnum()}
    others = {wide: narrow for wide, narrow in _SAME.items() if not narrow.isalnum()}
    spaces = r"regexp_replace(trim({}), '\s+', ' ', 'g')"
    # A space beside a comma says something between two digits only.
    for pattern, kept in (
        (f" ({_LOOSE})", r"\1"),
        (f"({_LOOSE}) ", r"\1"),
        ("([^0-9]) ,", r"\1,"),
        (", ([^0-9])", r",\1"),
    ):
        spaces = f"regexp_replace({spaces}, '{_sql_braces(pattern)}', '{kept}', 'g')"
    return [
        _where(r"[\x{300}-\x{36f}]", "nfc_normalize({})"),
        _where(f"[{''.join(others)}]", _chain(others)),
        _where(f"[{''.join(letters)}]", _chain(letters)),
        f"CASE WHEN contains({{}}, ' ') THEN {spaces} ELSE {{}} END",
        "lower({})",
    ]


def _where(pattern: str, changed: str) -> str:
    return f"CASE WHEN regexp_matches({{}}, '{_sql_braces(pattern)}') THEN {changed} ELSE {{}} END"


def _sql_braces(pattern: str) -> str:
    """Write a pattern so that str.format leaves its braces as they are, in an SQL text."""
    return pattern.replace("'", "''").replace("{", "{{").replace("}", "}}")


def _chain(replaced: dict[str, str]) -> str:
    text = "{}"
    for old, new in replaced.items():
        text = f"replace({text}, '{_sql_braces(old)}', '{_sql_braces(new)}')"
    return text


def fingerprints(table: str, keep: str) -> str:
    """Write the SELECT that gives each row of a table its content, the md5 of its normalised text."""
    query = f"SELECT {keep}, hs_code, ie_flag, name, g_model FROM {table}"
    for step in folding_steps():
        places = step.count("{}")
        name, g_model = (step.format(*[column] * places) for column in ("name", "g_model"))
        query = f"SELECT * REPLACE ({name} AS name, {g_model} AS g_model) FROM ({query})"
    return (
        "SELECT * EXCLUDE (name, g_model), md5_number(concat_ws(chr(31), hs_code, ie_flag,"
        f" name, rtrim(g_model, '|'))) AS content FROM ({query})"
    )


_LINE_COLUMNS = "id, agent_id, trader_id, declared_on, is_hidden"
_VERDICT_COLUMNS = (
    "id, release_id, line_id, agent_id, trader_id, audit_month, declared_on, conforming"
)

_EFFECTIVE = """
CREATE TEMP TABLE effective AS
WITH ranked AS (
    SELECT v.*, row_number() OVER (PARTITION BY line_id, audit_month
                                   ORDER BY r.released_at DESC, r.id DESC) AS place
      FROM verdict v JOIN releases r ON r.id = v.release_id
     WHERE r.released_at IS NOT NULL AND r.withdrawn_at IS NULL
), latest AS (
    SELECT *, row_number() OVER (PARTITION BY line_id, content ORDER BY audit_month DESC) AS newest
      FROM ranked WHERE place = 1
)
SELECT * EXCLUDE (place, newest) FROM latest WHERE newest = 1
"""

_PARTY = """
CREATE TEMP TABLE party AS
SELECT content, agent_id AS enterprise_id, audit_month, conforming, line_id, id, declared_on,
       hs_code, ie_flag FROM effective
UNION ALL
SELECT content, trader_id, audit_month, conforming, line_id, id, declared_on, hs_code, ie_flag
  FROM effective WHERE trader_id <> agent_id
"""

_OFFICIAL = """
CREATE TEMP TABLE official AS
SELECT content, enterprise_id, audit_month, bool_and(conforming) AS conforming,
       bool_or(conforming) AND NOT bool_and(conforming) AS has_conflict,
       count(*) FILTER (WHERE conforming) AS conforming_rows,
       count(*) FILTER (WHERE NOT conforming) AS nonconforming_rows,
       coalesce(min(id) FILTER (WHERE NOT conforming), min(id)) AS verdict
  FROM party
 GROUP BY content, enterprise_id, audit_month
QUALIFY row_number() OVER (PARTITION BY content, enterprise_id ORDER BY audit_month DESC) = 1
"""

_PUBLIC = """
CREATE TABLE public_content AS
WITH rejected AS (
    SELECT content FROM (
        SELECT content, audit_month, bool_and(conforming) AS all_conforming FROM effective
         GROUP BY content, audit_month
        QUALIFY row_number() OVER (PARTITION BY content ORDER BY audit_month DESC) = 1)
     WHERE NOT all_conforming
), refused AS (SELECT content, enterprise_id FROM official WHERE NOT conforming)
SELECT DISTINCT e.content FROM effective e
 WHERE e.conforming
   AND NOT EXISTS (SELECT 1 FROM rejected r WHERE r.content = e.content)
   AND NOT EXISTS (SELECT 1 FROM refused r
                    WHERE r.content = e.content AND r.enterprise_id = e.agent_id)
   AND NOT EXISTS (SELECT 1 FROM refused r
                    WHERE r.content = e.content AND r.enterprise_id = e.trader_id)
"""

_ENTRIES = """
CREATE TABLE entries AS
WITH shown AS (
    SELECT agent_id AS enterprise_id, content, declared_on, hs_code, ie_flag
      FROM line WHERE NOT is_hidden
    UNION ALL
    SELECT trader_id, content, declared_on, hs_code, ie_flag
      FROM line WHERE NOT is_hidden AND trader_id <> agent_id
    UNION ALL
    SELECT p.enterprise_id, p.content, p.declared_on, p.hs_code, p.ie_flag
      FROM party p JOIN line l ON l.id = p.line_id
     WHERE NOT (l.content = p.content AND p.enterprise_id IN (l.agent_id, l.trader_id))
), entry AS (
    SELECT enterprise_id, content, any_value(hs_code) AS hs_code, any_value(ie_flag) AS ie_flag,
           count(*) AS row_count, min(declared_on) AS first_on, max(declared_on) AS last_on
      FROM shown GROUP BY enterprise_id, content
), marked AS (
    SELECT e.*, o.* EXCLUDE (content, enterprise_id),
           CASE WHEN o.conforming THEN 'conforming'
                WHEN o.conforming IS NOT NULL THEN 'nonconforming'
                WHEN p.content IS NOT NULL THEN 'system_matched'
                ELSE 'unmarked' END AS mark
      FROM entry e
      LEFT JOIN official o ON o.enterprise_id = e.enterprise_id AND o.content = e.content
      LEFT JOIN public_content p ON p.content = e.content
)
SELECT row_number() OVER () AS id, enterprise_id, content, hs_code, ie_flag, mark,
       coalesce(has_conflict, false) AS has_conflict,
       CASE WHEN mark = 'system_matched' THEN content END AS matched_content,
       CASE WHEN mark = 'system_matched' THEN 'public' ELSE '' END AS match_source,
       CASE WHEN mark IN ('conforming', 'nonconforming') THEN
                 json_object('kind', 'verdict', 'month', strftime(audit_month, '%Y-%m'),
                     'conforming', conforming_rows, 'nonconforming', nonconforming_rows,
                     'verdict', verdict)
            WHEN mark = 'system_matched' THEN
                 json_object('kind', 'match', 'relation', 'identical')
            ELSE json_object('kind', 'none') END AS reason,
       row_count, first_on AS first_declared_on, last_on AS last_declared_on
  FROM marked
"""

STEPS = {
    "fingerprints": [
        f"CREATE TEMP TABLE line AS {fingerprints('lines', _LINE_COLUMNS)}",
        f"CREATE TEMP TABLE verdict AS {fingerprints('verdicts', _VERDICT_COLUMNS)}",
    ],
    "verdicts": [_EFFECTIVE, _PARTY, _OFFICIAL],
    "public": [_PUBLIC],
    "entries": [_ENTRIES],
    "checkpoint": ["CHECKPOINT"],
}

# For checking.py, after the clock has stopped: how our contents and these fingerprints go together.
_MAP = """
CREATE TABLE fingerprint_of AS
SELECT DISTINCT g.content_id, f.content
  FROM goods g
  JOIN (SELECT id, content FROM ({})) f ON f.id = g.id
"""


def work(path: Path) -> dict[str, Any]:
    """Do it on a file that exporting.py wrote; returns seconds by step, entries and contents."""
    with duckdb.connect(str(path), config={"threads": THREADS}) as duck:
        duck.execute("SET preserve_insertion_order = false")
        for table in ("entries", "public_content", "fingerprint_of"):
            duck.execute(f"DROP TABLE IF EXISTS {table}")
        duck.execute("CHECKPOINT")
        seconds: dict[str, float] = {}
        for name, statements in STEPS.items():
            began = time.perf_counter()
            for statement in statements:
                duck.execute(statement)
            seconds[name] = round(time.perf_counter() - began, 3)
        contents = duck.execute("SELECT count(DISTINCT content) FROM line").fetchall()
        entries = duck.execute("SELECT count(*) FROM entries").fetchall()
        duck.execute(_MAP.format(fingerprints("goods", "id")))
    said = {"steps": seconds, "contents": contents[0][0], "entries": entries[0][0]}
    return {**said, "seconds": round(sum(seconds.values()), 3)}


if __name__ == "__main__":
    print(json.dumps(work(Path(sys.argv[1]))))
