"""Goods texts changed by one fact, or in form only: pairs to judge a comparison by.

Written from the rule of what a fact is and what a form, and on purpose without the data lists that
the comparison itself reads: whoever learned those lists by heart would find nothing else here.
"""
