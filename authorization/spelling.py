"""How a name is spelled in pinyin, so that an enterprise is found by letters.

A name's spellings are one text: `|dalianxugou…|dlxg…|`, each reading of the name in full and by
initials. It also answers for Chinese words: a part of a name is spelled, letter by letter, as a
part of its first spelling, so that one trigram index serves all (docs/decisions/finding.md).
"""

import itertools
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.db import models
from pypinyin import Style, lazy_pinyin, pinyin

# Characters that names of enterprises, places and families are read in two ways by; the first
# reading is the one that a word to search for is spelled with.
_TWO_READINGS = {
    character: tuple(readings.split("/"))
    for character, readings in (
        pair.split(":")
        for pair in [
            "长:chang/zhang",
            "重:zhong/chong",
            "行:hang/xing",
            "乐:le/yue",
            "厦:xia/sha",
            "朝:chao/zhao",
            "都:du/dou",
            "盛:sheng/cheng",
            "单:dan/shan",
            "曾:zeng/ceng",
            "藏:cang/zang",
            "会:hui/kuai",
            "调:diao/tiao",
            "传:chuan/zhuan",
            "率:lv/shuai",
            "贾:jia/gu",
            "仇:qiu/chou",
            "区:qu/ou",
            "解:jie/xie",
            "查:cha/zha",
            "翟:zhai/di",
            "柏:bai/bo",
            "蚌:bang/beng",
            "六:liu/lu",
            "莞:guan/wan",
            "泊:bo/po",
            "绿:lv/lu",
            "宿:su/xiu",
            "圳:zhen/chou",
            "参:can/shen",
            "薄:bo/bao",
            "铅:qian/yan",
            "朴:pu/piao",
            "覃:tan/qin",
            "尉:wei/yu",
            "种:zhong/chong",
            "削:xiao/xue",
            "壳:ke/qiao",
            "血:xue/xie",
            "角:jiao/jue",
            "度:du/duo",
            "浒:hu/xu",
            "涡:wo/guo",
            "车:che/ju",
            "尺:chi/che",
            "畜:xu/chu",
            "卡:ka/qia",
            "轧:zha/ya",
            "砀:dang/tang",
            "炔:que/gui",
            "栖:qi/xi",
            "番:fan/pan",
            "磅:bang/pang",
            "蔓:man/wan",
        ]
    )
}
_MOST_SPELLINGS = 16


def spelled(name: str) -> str:
    """Return all spellings of a name in one text, each between bars; "" for no name.

    Letters and digits stand as they are, in lower case; other signs are left out. Of a name with
    several characters of two readings at most 16 spellings are kept.
    """
    if not name:
        return ""
    signs = [sign for sign in _plain(name) if _readings(sign)]
    readings = [_readings(sign) for sign in signs]
    texts: dict[str, None] = {}
    for reading in itertools.islice(_combined(signs, readings), _MOST_SPELLINGS):
        texts["".join(reading)] = None
        texts["".join(part[0] for part in reading)] = None
    return f"|{'|'.join(texts)}|"


def letters_of(word: str) -> str:
    """Spell a word to search for: as names are spelled first; letters as they were typed."""
    typed = _plain(word).replace("ü", "v").replace("lyu", "lv")
    return "".join(found[0] for sign in typed if (found := _readings(sign)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _combined(signs: list[str], readings: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Give the first readings, then those of the words that the signs form, then all others."""
    first = tuple(reading[0] for reading in readings)
    yield first
    if all(len(reading) == 1 for reading in readings):
        return
    # Cutting into words costs ten times as much as all the rest, so only where it may tell more.
    in_words = tuple(lazy_pinyin("".join(signs), errors=_letters))
    yield in_words
    for combined in itertools.product(*readings):
        if combined not in (first, in_words):
            yield combined


def _letters(signs: str) -> Any:
    """Leave letters and digits apart; the library's own types know only one text for them."""
    return list(signs)


@lru_cache(maxsize=20_000)
def _readings(sign: str) -> tuple[str, ...]:
    """Return the readings of one character; () for one that is not spelled."""
    if sign.isascii():
        return (sign,) if sign.isalnum() else ()
    if sign in _TWO_READINGS:
        return _TWO_READINGS[sign]
    found = pinyin(sign, style=Style.NORMAL, errors="ignore")
    return (found[0][0].replace("ü", "v"),) if found else ()


class SpellingField(models.TextField):
    """Follows the row's name wherever the row itself is stored, one by one or in bulk."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        """Spell the name that is about to be stored."""
        text = spelled(getattr(model_instance, "name", ""))
        setattr(model_instance, self.attname, text)
        return text
