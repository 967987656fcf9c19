"""Checks on a read 规格型号: the frequent faults of 规范申报, each a named rule with its source."""

from catalogue.checks.checking import check_reading
from catalogue.checks.rules import RULES, Finding, Rule

__all__ = ["RULES", "Finding", "Rule", "check_reading"]
