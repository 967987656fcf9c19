"""New versions of the messages, made in the transaction that changes an enterprise's figures.

An enterprise's figures of a month are counted from that month's verdicts that count
(AuditVerdict.counts_in_month): as 申报单位 and as 收发货人, all and 不规范 (design: "Data", Message).
All of it is set-based: a month of 100,000 verdicts and 20,000 enterprises takes about a second.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from catalogue.models import Outbox
from declarations.models import Release
from messages_app.models import Message, MessageVersion

CAUSES = {
    Outbox.Cause.RELEASE.value: MessageVersion.Cause.RELEASE,
    Outbox.Cause.WITHDRAWAL.value: MessageVersion.Cause.WITHDRAWAL,
}

# Everybody whose figures a release may change: the parties of its own rows, and those of the rows
# that other releases of the month hold for the same lines, since those may count or cease to.
_TOUCHED_BY_RELEASE = """
    SELECT DISTINCT party.enterprise_id AS stored_id, party.enterprise_id, v.audit_month
      FROM declarations_auditverdict v
     CROSS JOIN LATERAL (VALUES (v.agent_id), (v.trader_id)) AS party (enterprise_id)
     WHERE v.audit_month = %(month)s
       AND v.line_id IN (SELECT line_id FROM declarations_auditverdict
                          WHERE release_id = %(release)s)
"""

# Each month in which an absorbed enterprise has a message, for the enterprise that stays; counted
# under both ids, so that it does not matter whether the verdicts are re-pointed yet.
_TOUCHED_BY_JOIN = """
    SELECT member.stored_id, pair.staying AS enterprise_id, pair.audit_month
      FROM unnest(%(absorbed)s::bigint[], %(staying)s::bigint[], %(months)s::date[])
           AS pair (absorbed, staying, audit_month)
     CROSS JOIN LATERAL (VALUES (pair.absorbed), (pair.staying)) AS member (stored_id)
     GROUP BY 1, 2, 3
"""

# %(touched)s is one of the two texts above: the rows stored under stored_id count for enterprise_id.
_ADD_VERSIONS = """
WITH touched AS MATERIALIZED ({touched}
), counted AS (
    SELECT t.enterprise_id, t.audit_month,
           count(*) AS agent_audited, count(*) FILTER (WHERE NOT v.conforming) AS agent_nonconforming,
           0 AS trader_audited, 0 AS trader_nonconforming
      FROM touched t
      JOIN declarations_auditverdict v
        ON v.agent_id = t.stored_id AND v.audit_month = t.audit_month AND v.counts_in_month
     GROUP BY 1, 2
    UNION ALL
    SELECT t.enterprise_id, t.audit_month, 0, 0,
           count(*), count(*) FILTER (WHERE NOT v.conforming)
      FROM touched t
      JOIN declarations_auditverdict v
        ON v.trader_id = t.stored_id AND v.audit_month = t.audit_month AND v.counts_in_month
     GROUP BY 1, 2
), figures AS (
    SELECT enterprise_id, audit_month,
           sum(agent_audited) AS agent_audited, sum(agent_nonconforming) AS agent_nonconforming,
           sum(trader_audited) AS trader_audited, sum(trader_nonconforming) AS trader_nonconforming
      FROM counted GROUP BY 1, 2
), made AS (
    INSERT INTO messages_app_message (enterprise_id, audit_month)
    SELECT f.enterprise_id, f.audit_month FROM figures f
     WHERE NOT EXISTS (SELECT 1 FROM messages_app_message m
                        WHERE m.enterprise_id = f.enterprise_id AND m.audit_month = f.audit_month)
     ORDER BY 1, 2
    RETURNING id, enterprise_id, audit_month
), concerned AS (
    SELECT id, enterprise_id, audit_month FROM made
    UNION ALL
    SELECT m.id, m.enterprise_id, m.audit_month FROM messages_app_message m
     WHERE (m.enterprise_id, m.audit_month) IN (SELECT enterprise_id, audit_month FROM touched)
)
INSERT INTO messages_app_messageversion
       (message_id, number, cause, release_id, pushed_at,
        agent_audited, agent_nonconforming, trader_audited, trader_nonconforming)
SELECT c.id, coalesce(newest.number, 0) + 1, %(cause)s, %(release)s, %(now)s,
       own.agent_audited, own.agent_nonconforming, own.trader_audited, own.trader_nonconforming
  FROM concerned c
  LEFT JOIN figures f USING (enterprise_id, audit_month)
 CROSS JOIN LATERAL (SELECT coalesce(f.agent_audited, 0) AS agent_audited,
                            coalesce(f.agent_nonconforming, 0) AS agent_nonconforming,
                            coalesce(f.trader_audited, 0) AS trader_audited,
                            coalesce(f.trader_nonconforming, 0) AS trader_nonconforming) own
  LEFT JOIN LATERAL (SELECT v.* FROM messages_app_messageversion v
                      WHERE v.message_id = c.id ORDER BY v.number DESC LIMIT 1) newest ON true
 WHERE (own.agent_audited, own.agent_nonconforming, own.trader_audited, own.trader_nonconforming)
       <> (coalesce(newest.agent_audited, 0), coalesce(newest.agent_nonconforming, 0),
           coalesce(newest.trader_audited, 0), coalesce(newest.trader_nonconforming, 0))
 ORDER BY c.id
"""


def add_versions(release: Release, cause: str) -> int:
    """Add a version to each message whose own figures the release or withdrawal changed.

    `cause` is Outbox.Cause.RELEASE or WITHDRAWAL. Messages are made where missing. Must run in the
    transaction of the release, after the verdicts' flags are set. Returns how many were added.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_VERSIONS.format(touched=_TOUCHED_BY_RELEASE),
            {
                "release": release.pk,
                "month": release.audit_month,
                "cause": CAUSES[cause].value,
                "now": timezone.now(),
            },
        )
        return cursor.rowcount


def join_messages(pairs: Sequence[tuple[int, int]]) -> int:
    """Give the messages of each absorbed enterprise to the one that stays.

    `pairs` are (absorbed, staying) enterprise ids. A month of which only absorbed enterprises had
    a message keeps it, with its versions and who read them; of the others the staying enterprise's
    remains, with a new version where the joined figures differ. Must run in the transaction of the
    join, before the absorbed enterprises are deleted; verdicts may be re-pointed before or after.
    Returns how many versions were added.
    """
    staying_of = dict(pairs)
    moved = list(Message.objects.filter(enterprise__in=staying_of).order_by("audit_month", "pk"))
    if not moved:
        return 0
    taken = set(
        Message.objects.filter(enterprise__in=set(staying_of.values())).values_list(
            "enterprise_id", "audit_month"
        )
    )
    kept: list[Message] = []
    dropped: list[Message] = []
    months = [(m.enterprise_id, staying_of[m.enterprise_id], m.audit_month) for m in moved]
    for message in moved:
        place = (staying_of[message.enterprise_id], message.audit_month)
        (dropped if place in taken else kept).append(message)
        taken.add(place)
        message.enterprise_id = place[0]
    Message.objects.filter(pk__in=[message.pk for message in dropped]).delete()
    Message.objects.bulk_update(kept, ["enterprise"])
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD_VERSIONS.format(touched=_TOUCHED_BY_JOIN),
            {
                "absorbed": [absorbed for absorbed, _, _ in months],
                "staying": [staying for _, staying, _ in months],
                "months": [month for _, _, month in months],
                "release": None,
                "cause": MessageVersion.Cause.JOIN.value,
                "now": timezone.now(),
            },
        )
        return cursor.rowcount


def on_verdicts_changed(release: Release, cause: str, **_: Any) -> None:
    """Receive declarations.releases.verdicts_changed."""
    add_versions(release, cause)


def on_enterprises_joined(pairs: Sequence[tuple[int, int]], **_: Any) -> None:
    """Receive authorization.joining.enterprises_joined."""
    join_messages(pairs)
