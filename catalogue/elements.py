"""Reading a 规格型号 string into named elements by a catalogue edition.

The order of the parts is 品牌类型 | 出口享惠情况 | catalogue elements 1..n in printed order | GTIN |
CAS | 其他 (《报关单填制规范》, 海关总署公告 2019 年第 18 号, 三十五; Single Window's message
specification, GModel). Where the number of parts or their text does not suit the list, the parts
are placed by what they say, and the reading says why; it never raises on any string and loses no
character. This module is where others import from; the work is done in catalogue/reading/.
"""

from catalogue.reading.held import (
    ElementReader,
    Line,
    edition_on,
    element_names,
    forget_editions,
    read,
    read_many,
)
from catalogue.reading.model import ElementName, Part, PartKind, Reading
from catalogue.reading.reader import read_by
from catalogue.reading.signals import WITHHELD, is_cas, is_gtin
from catalogue.reading.slots import bare_name
from catalogue.reading.splitting import BRAND_TYPES, EXPORT_BENEFITS

__all__ = [
    "BRAND_TYPES",
    "EXPORT_BENEFITS",
    "WITHHELD",
    "ElementName",
    "ElementReader",
    "Line",
    "Part",
    "PartKind",
    "Reading",
    "bare_name",
    "edition_on",
    "element_names",
    "forget_editions",
    "is_cas",
    "is_gtin",
    "read",
    "read_by",
    "read_many",
]
