"""Cohen's kappa: how far two people agree beyond what their habits alone would make agree.

κ = (observed − expected) / (1 − expected) (J. Cohen, A Coefficient of Agreement for Nominal Scales,
Educational and Psychological Measurement 20, 1960); words for its size after Landis and Koch,
Biometrics 33, 1977. Plain functions without a database.
"""

from dataclasses import dataclass

# Fewer contents than this say little: κ then swings with every single one.
FEW = 30


@dataclass(frozen=True)
class Agreement:
    """What two people said of the same things: yes and yes, yes and no, no and yes, no and no."""

    both: int = 0
    only_first: int = 0
    only_second: int = 0
    neither: int = 0

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(
            self.both + other.both,
            self.only_first + other.only_first,
            self.only_second + other.only_second,
            self.neither + other.neither,
        )

    @property
    def total(self) -> int:
        """How many things both have judged."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def same(self) -> int:
        """Of how many they said the same."""
        return self.both + self.neither

    @property
    def different(self) -> int:
        """Of how many they said the contrary."""
        return self.only_first + self.only_second

    @property
    def observed(self) -> float | None:
        """The share on which they agree; None where they have judged nothing together."""
        return self.same / self.total if self.total else None

    @property
    def expected(self) -> float | None:
        """The share on which they would agree if each kept his own shares and decided by lot."""
        if not self.total:
            return None
        first, second = self.both + self.only_first, self.both + self.only_second
        others = (self.total - first) * (self.total - second)
        return (first * second + others) / self.total**2

    @property
    def kappa(self) -> float | None:
        """κ, from -1 to 1; None where it can't be told: nothing in common, or one answer only."""
        observed, expected = self.observed, self.expected
        if observed is None or expected is None or expected == 1:
            return None
        return (observed - expected) / (1 - expected)

    @property
    def is_few(self) -> bool:
        """Whether there is too little to say much."""
        return self.total < FEW

    def turned(self) -> "Agreement":
        """Return the same with first and second exchanged."""
        return Agreement(self.both, self.only_second, self.only_first, self.neither)


def common(agreement: Agreement) -> float | None:
    """Return κ of a sum over several pairs, where nobody is first or second.

    Every pair counts in both directions: Cohen's κ with common shares, which is Scott's π.
    """
    return (agreement + agreement.turned()).kappa


# The least κ of each word, the highest first.
_WORDS = (
    (0.81, "几乎完全一致"),
    (0.61, "高度一致"),
    (0.41, "中等一致"),
    (0.21, "一般"),
    (0.0, "较低"),
)
CANNOT_TELL = "无法计算"
WORSE = "低于随机"


def words_of(kappa: float | None) -> str:
    """Say in a word how large a κ is; of two decimals, as it is shown."""
    if kappa is None:
        return CANNOT_TELL
    shown = round(kappa, 2)
    return next((word for least, word in _WORDS if shown >= least), WORSE)
