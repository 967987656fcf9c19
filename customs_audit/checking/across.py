"""Rules that rows decide together, or with what is stored: set-based, for all rows or for some.

A rule is a query that gives the faults of the rows in `upload_part`, a temporary table of what such
rules ask. For a whole upload that is all of its rows; after an edit, the rows that the edit can have
touched, each with the reason why: the row itself (`own`), its declaration (`by_entry`), its content
(`by_content`). Whole declarations and contents are in it, so that both ways give the same.

Rows that are set aside take part in none of these rules. Rows in a release come first where one of
several has to give way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from customs_audit.checking.row_facts import HEAD_PARTS
from customs_audit.models import AuditUpload
from declarations.rules import RULES

_ALL_OF_UPLOAD = "true"
_TOUCHED = (
    "number = ANY(%(numbers)s) OR entry_id = ANY(%(entries)s) OR content_key = ANY(%(contents)s)"
)
_CREATE_PART = """
DROP TABLE IF EXISTS upload_part;
CREATE TEMPORARY TABLE upload_part ON COMMIT DROP AS
SELECT id, number, row_number, state IN ('in_release', 'released') AS is_held, entry_id, g_no,
       goods_key, content_key, head_key, conforming,
       {own} AS own, {by_entry} AS by_entry, {by_content} AS by_content
  FROM customs_audit_uploadrow
 WHERE upload_id = %(upload)s AND state <> 'set_aside' AND ({which});
ANALYZE upload_part
"""

# A cell as its fault shows it: dates and moments stand in objects (declarations/cell_json.py).
_SHOWN = "coalesce(r.cells->'{0}'->>'d', r.cells->'{0}'->>'t', r.cells->>'{0}', '')"
_ROW = "JOIN customs_audit_uploadrow r ON r.id = p.id"
_VERDICT_WORD = "CASE WHEN {} THEN '规范' ELSE '不规范' END"


class AcrossRule(NamedTuple):
    """A rule's query, and which rows of the part it is asked of: own, by_entry or by_content.

    The query gives row_id, field, value (as the cell shows it) and facts (jsonb).
    """

    rule: str
    of: str
    query: str


_REPEATED = f"""
SELECT p.id, 'g_no', {_SHOWN.format("g_no")},
       jsonb_build_object('value', p.entry_id || ' 第 ' || p.g_no || ' 项', 'read', p.first_row)
  FROM (SELECT id, entry_id, g_no, first_value(row_number) OVER line AS first_row,
               row_number() OVER line AS place
          FROM upload_part WHERE by_entry AND entry_id <> '' AND g_no IS NOT NULL
        WINDOW line AS (PARTITION BY entry_id, g_no ORDER BY is_held DESC, number)) AS p
  {_ROW}
 WHERE p.place > 1
"""

_IN_OTHER_UPLOAD = f"""
SELECT DISTINCT ON (p.id) p.id, 'entry_id', {_SHOWN.format("entry_id")},
       jsonb_build_object('read', '上传 ' || o.upload_id || ' 第 ' || o.number || ' 行')
  FROM upload_part p
  JOIN customs_audit_uploadrow o ON (o.entry_id, o.g_no) = (p.entry_id, p.g_no)
  JOIN customs_audit_auditupload u ON u.id = o.upload_id
  {_ROW}
 WHERE p.own AND p.entry_id <> '' AND p.g_no IS NOT NULL AND o.entry_id <> ''
   AND o.upload_id <> %(upload)s AND u.audit_month = %(month)s AND u.state <> 'refused'
   AND (o.state IN ('clean', 'in_release', 'released') OR o.state = 'faulty' AND o.errors > 0)
   AND %(source)s <> 'correction'
 ORDER BY p.id, o.upload_id DESC, o.number
"""

# Where the stored line was declared: each of its texts that is another.
_TEXT_DIFFERS = f"""
SELECT p.id, f.field, coalesce(r.cells->>f.field, ''), jsonb_build_object('stored', f.stored)
  FROM upload_part p
  JOIN declarations_declaredline l ON (l.entry_id, l.g_no) = (p.entry_id, p.g_no)
  JOIN declarations_goods g ON g.id = l.goods_id
  {_ROW}
 CROSS JOIN LATERAL (VALUES
       ('g_name', g.name, r.cells->>'g_name' IS DISTINCT FROM g.name),
       ('g_model', g.g_model, r.cells->>'g_model' IS DISTINCT FROM g.g_model),
       ('hs_code', g.hs_code,
        position(ltrim(g.hs_code, '0') IN coalesce(r.cells->>'hs_code', '')) = 0),
       ('ie_flag', g.ie_flag, substring(p.head_key FOR 1) <> g.ie_flag::bytea)
       ) AS f (field, stored, differs)
 WHERE p.own AND p.goods_key IS NOT NULL AND p.g_no IS NOT NULL
   AND l.declared_at IS NOT NULL AND g.goods_key <> p.goods_key AND f.differs
"""


def _head_fact(name: str) -> str:
    """A head fact's bytes in a head_key, NULL where it could not be read."""
    first, count = HEAD_PARTS[name]
    return f"nullif(substring(p.head_key FROM {first} FOR {count}), '\\x{'00' * count}'::bytea)"


_HEAD_FIELDS = {
    "ie_flag": "ie_flag",
    "trade_mode": "trade_mode",
    "declared_on": "declared_on",
    "agent": "agent_uscc",
    "trader": "trader_uscc",
}
_HEAD_LABELS = {
    "ie_flag": "进出口标志",
    "trade_mode": "监管方式",
    "declared_on": "申报日期",
    "agent": "申报单位",
    "trader": "境内收发货人",
}


def _one_head_fact(name: str) -> str:
    """The rows of a declaration that say another fact than most (the earliest of as many)."""
    field = _HEAD_FIELDS[name]
    return f"""
SELECT p.id, '{field}', {_SHOWN.format(field)},
       jsonb_build_object('read', '{_HEAD_LABELS[name]}')
  FROM (SELECT id, entry_id, fact,
               first_value(fact) OVER (PARTITION BY entry_id
                                       ORDER BY times DESC, first_row) AS usual
          FROM (SELECT p.id, p.entry_id, p.fact, count(*) OVER same AS times,
                       min(p.number) OVER same AS first_row
                  FROM (SELECT p.id, p.entry_id, p.number, {_head_fact(name)} AS fact
                          FROM differing p) AS p
                 WHERE p.fact IS NOT NULL
                WINDOW same AS (PARTITION BY p.entry_id, p.fact)) AS counted) AS p
  {_ROW}
 WHERE p.fact <> p.usual
"""


# The rows of the few declarations whose heads are not all the same, found in one pass.
_HEADERS_DIFFER = """
WITH differing AS MATERIALIZED (
    SELECT id, entry_id, number, head_key
      FROM upload_part
     WHERE by_entry AND head_key IS NOT NULL AND entry_id IN (
           SELECT entry_id FROM upload_part
            WHERE by_entry AND entry_id <> '' AND head_key IS NOT NULL
            GROUP BY entry_id HAVING min(head_key) <> max(head_key)))
""" + " UNION ALL ".join(map(_one_head_fact, HEAD_PARTS))

_BOTH_VERDICTS = f"""
SELECT p.id, 'verdict', {_SHOWN.format("verdict")}, '{{}}'::jsonb
  FROM upload_part p
  {_ROW}
 WHERE p.by_content AND p.conforming IS NOT NULL AND p.content_key IN (
       SELECT content_key FROM upload_part
        WHERE by_content AND content_key IS NOT NULL AND conforming IS NOT NULL
        GROUP BY content_key HAVING bool_or(conforming) AND NOT bool_and(conforming))
"""

_NOT_OURS = """
NOT EXISTS (SELECT FROM customs_audit_uploadrelease x
             WHERE x.upload_id = %(upload)s AND x.release_id = v.release_id)
"""
_CONTRADICTS_LINE = f"""
SELECT DISTINCT ON (p.id) p.id, 'verdict', {_SHOWN.format("verdict")},
       jsonb_build_object('month', to_char(v.audit_month, 'YYYY-MM'),
                          'read', {_VERDICT_WORD.format("v.conforming")})
  FROM upload_part p
  JOIN declarations_content c ON c.content_key = p.content_key
  JOIN declarations_declaredline l ON (l.entry_id, l.g_no) = (p.entry_id, p.g_no)
  JOIN declarations_auditverdict v ON v.line_id = l.id AND v.content_id = c.id AND v.is_effective
  {_ROW}
 WHERE p.own AND p.conforming IS NOT NULL AND v.conforming <> p.conforming AND {_NOT_OURS}
 ORDER BY p.id, v.audit_month DESC
"""
# Asked once for each content and verdict; by another line of the same content than the row's own.
_CONTRADICTS_CONTENT = f"""
SELECT p.id, 'verdict', {_SHOWN.format("verdict")},
       jsonb_build_object('month', to_char(v.audit_month, 'YYYY-MM'),
                          'read', {_VERDICT_WORD.format("NOT p.conforming")})
  FROM (SELECT DISTINCT content_key, conforming FROM upload_part
         WHERE own AND content_key IS NOT NULL AND conforming IS NOT NULL) AS d
  JOIN declarations_content c ON c.content_key = d.content_key
 CROSS JOIN LATERAL (
       SELECT v.line_id, v.audit_month FROM declarations_auditverdict v
        WHERE v.content_id = c.id AND v.is_effective AND v.conforming <> d.conforming AND {_NOT_OURS}
        ORDER BY v.audit_month DESC, v.line_id LIMIT 1) AS v
  JOIN declarations_declaredline l ON l.id = v.line_id
  JOIN upload_part p ON p.own AND p.content_key = d.content_key AND p.conforming = d.conforming
  {_ROW}
 WHERE (l.entry_id, l.g_no) IS DISTINCT FROM (p.entry_id, p.g_no)
"""

ACROSS_RULES = (
    AcrossRule("line.repeated", "by_entry", _REPEATED),
    AcrossRule("entry.headers_differ", "by_entry", _HEADERS_DIFFER),
    AcrossRule("content.both_verdicts", "by_content", _BOTH_VERDICTS),
    AcrossRule("line.in_other_upload", "own", _IN_OTHER_UPLOAD),
    AcrossRule("line.text_differs", "own", _TEXT_DIFFERS),
    AcrossRule("verdict.contradicts_line", "own", _CONTRADICTS_LINE),
    AcrossRule("verdict.contradicts_content", "own", _CONTRADICTS_CONTENT),
)
ACROSS_NAMES = frozenset(rule.rule for rule in ACROSS_RULES)

_INSERT = """
WITH said (row_id, field, value, facts) AS ({query}), noted AS (
    INSERT INTO customs_audit_uploadfault (row_id, upload_id, field, rule, level, value, facts)
    SELECT row_id, %(upload)s, field, %(rule)s, %(level)s, value, facts FROM said
    RETURNING row_id
)
INSERT INTO upload_changed SELECT row_id, false FROM noted
"""
_DELETE = """
WITH gone AS (
    DELETE FROM customs_audit_uploadfault f USING upload_part p
     WHERE f.row_id = p.id AND (p.{of} OR p.own) AND f.rule = %(rule)s
    RETURNING f.row_id
)
INSERT INTO upload_changed SELECT row_id, false FROM gone
"""
# Rows that were set aside meanwhile take no part any more.
_DELETE_OF_SET_ASIDE = """
DELETE FROM customs_audit_uploadfault WHERE row_id = ANY(%s) AND rule = ANY(%s)
"""
_CREATE_CHANGED = """
DROP TABLE IF EXISTS upload_changed;
CREATE TEMPORARY TABLE upload_changed (row_id bigint NOT NULL, own boolean NOT NULL)
ON COMMIT DROP
"""
# Counts anew. A row that no error keeps is clean, unless somebody or a release has it; one that waits
# for somebody's look without an error (its release was withdrawn) waits on where it was only tied.
_COUNT = """
ANALYZE upload_changed;
UPDATE customs_audit_uploadrow r
   SET errors = c.errors, warnings = c.warnings,
       state = CASE WHEN r.state NOT IN ('faulty', 'clean') THEN r.state
                    WHEN c.errors > 0 THEN 'faulty'
                    WHEN r.state = 'faulty' AND r.errors = 0 AND NOT c.own THEN 'faulty'
                    ELSE 'clean' END
  FROM (SELECT d.row_id, d.own, count(f.id) FILTER (WHERE f.level = 'error') AS errors,
               count(f.id) FILTER (WHERE f.level <> 'error') AS warnings
          FROM (SELECT row_id, bool_or(own) AS own FROM upload_changed GROUP BY row_id) AS d
          LEFT JOIN customs_audit_uploadfault f ON f.row_id = d.row_id
         GROUP BY d.row_id, d.own) AS c
 WHERE r.id = c.row_id
"""


def judge_all(upload: AuditUpload) -> None:
    """Add the faults across rows to an upload whose rows were just stored without any."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # sorts and joins of a million rows
        cursor.execute(_CREATE_CHANGED)
        cursor.execute(
            _CREATE_PART.format(
                which=_ALL_OF_UPLOAD, own="true", by_entry="true", by_content="true"
            ),
            {"upload": upload.pk},
        )
        for rule in ACROSS_RULES:
            cursor.execute(_INSERT.format(query=rule.query), _names(upload, rule))
        cursor.execute(_COUNT)


def judge_again(
    upload: AuditUpload,
    numbers: Sequence[int],
    entries: Sequence[str],
    contents: Sequence[bytes],
    changed: Sequence[int],
    set_aside: Sequence[int],
) -> None:
    """Judge some rows across rows again, and count the faults of all that changed.

    `numbers` are the rows themselves, `entries` and `contents` what they are or were tied by,
    `changed` the rows' ids, `set_aside` the ids of those that are set aside.
    """
    ties: dict[str, Any] = {
        "upload": upload.pk,
        "numbers": list(numbers),
        "entries": list(entries),
        "contents": list(contents),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CREATE_CHANGED)
        if set_aside:
            cursor.execute(_DELETE_OF_SET_ASIDE, [list(set_aside), list(ACROSS_NAMES)])
        cursor.execute(
            "INSERT INTO upload_changed SELECT unnest(%s::bigint[]), true", [list(changed)]
        )
        cursor.execute(
            _CREATE_PART.format(
                which=_TOUCHED,
                own="number = ANY(%(numbers)s)",
                by_entry="entry_id = ANY(%(entries)s)",
                by_content="content_key IS NOT NULL AND content_key = ANY(%(contents)s)",
            ),
            ties,
        )
        for rule in ACROSS_RULES:
            names = _names(upload, rule)
            cursor.execute(_DELETE.format(of=rule.of), names)
            cursor.execute(_INSERT.format(query=rule.query), names)
        cursor.execute(_COUNT)


def _names(upload: AuditUpload, rule: AcrossRule) -> dict[str, Any]:
    return {
        "upload": upload.pk,
        "month": upload.audit_month,
        "source": upload.source,
        "rule": rule.rule,
        "level": RULES[rule.rule].level_for(audited=True).value,
    }
