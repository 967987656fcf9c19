"""The exact texts that an enterprise itself declared; of the same content others have others."""

from collections.abc import Iterable, Mapping

from django.db import connection

from authorization.models import Enterprise
from declarations.models import Goods

# The text as the enterprise itself declared it last: nobody sees another's spelling.
_OWN_GOODS = """
SELECT c.content_id, g.goods_id
  FROM unnest(%(contents)s::bigint[]) AS c(content_id)
 CROSS JOIN LATERAL (
    SELECT u.goods_id FROM (
        (SELECT l.goods_id, l.declared_on, l.id, 1 AS rank FROM declarations_declaredline l
          WHERE l.agent_id = %(enterprise)s AND l.content_id = c.content_id AND NOT l.is_hidden
          ORDER BY l.declared_on DESC, l.id DESC LIMIT 1)
        UNION ALL
        (SELECT l.goods_id, l.declared_on, l.id, 1 FROM declarations_declaredline l
          WHERE l.trader_id = %(enterprise)s AND l.content_id = c.content_id AND NOT l.is_hidden
          ORDER BY l.declared_on DESC, l.id DESC LIMIT 1)
        UNION ALL
        (SELECT v.goods_id, v.declared_on, v.id, 0 FROM declarations_auditverdict v
          WHERE v.content_id = c.content_id AND v.is_effective AND v.differs_from_line
            AND (v.agent_id = %(enterprise)s OR v.trader_id = %(enterprise)s)
          ORDER BY v.declared_on DESC, v.id DESC LIMIT 1)
    ) u ORDER BY u.rank DESC, u.declared_on DESC, u.id DESC LIMIT 1) g"""


def own_goods(enterprise: Enterprise, content_ids: Iterable[int]) -> Mapping[int, Goods]:
    """Find for each content the text that this enterprise's newest row has: two queries."""
    wanted = list(content_ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_OWN_GOODS, {"enterprise": enterprise.pk, "contents": wanted})
        goods_of = dict(cursor.fetchall())
    held = Goods.objects.in_bulk(set(goods_of.values()))
    return {content_id: held[goods_id] for content_id, goods_id in goods_of.items()}
