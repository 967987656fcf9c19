"""Showing a person's name to those who need to recognise it, and to nobody else."""


def masked_name(name: str) -> str:
    """Hide the middle of a name: 张三 → 张*, 张小三 → 张*三, 欧阳小三 → 欧**三; one letter → *."""
    name = name.strip()
    if len(name) <= 2:
        return name[:-1] + "*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def masked_identity(number: str) -> str:
    """Hide all of an identity number but its first and last character; empty stays empty."""
    number = number.strip()
    if len(number) <= 2:
        return "*" * len(number)
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}"
