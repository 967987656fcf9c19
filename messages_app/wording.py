"""What a message says: the figures of a month in sentences."""

from datetime import date

from messages_app.models import MessageVersion
from messages_app.queries import MonthFigures


def written_month(month: date) -> str:
    """Write a month in Chinese: 2026年09月."""
    return f"{month.year}年{month.month:02}月"


def heading(audit_month: date) -> str:
    """Name a message by its month."""
    return f"{written_month(audit_month)}海关规范申报审核情况"


def overall_sentence(audit_month: date, figures: MonthFigures) -> str:
    """Say how the whole month's audit ended, over all enterprises."""
    month = f"{written_month(audit_month)}海关规范申报审核"
    if figures.rate is None:
        return f"{month}：本月审核数据已撤回，目前没有有效的审核结论。"
    return (
        f"{month}：共审核 {figures.audited:,} 条，规范 {figures.conforming:,}，"
        f"不规范 {figures.nonconforming:,}，规范申报率 {figures.rate}%。"
    )


def own_sentence(version: MessageVersion) -> str:
    """Say how many lines of the enterprise itself were audited in each of its roles."""
    return (
        f"贵企业作为申报单位被审核 {version.agent_audited:,} 条，"
        f"不规范 {version.agent_nonconforming:,} 条；"
        f"作为收发货人被审核 {version.trader_audited:,} 条，"
        f"不规范 {version.trader_nonconforming:,} 条。"
    )
