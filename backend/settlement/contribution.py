"""Pay by contribution: by what weights those who worked on a ticket share an amount.

The amounts themselves are split by largest remainder (`posting.post`), so the shares always sum to the whole.
"""

from collections.abc import Mapping
from decimal import Decimal

from backend.settlement.tariff import PartyRef

Efforts = Mapping[str, Mapping[str, int]]
"""Node -> member -> seconds."""


def weigh(reference: PartyRef, efforts: Efforts) -> dict[str, Decimal]:
    """Member -> weight, in the order of the work, without those whose work does not count here.

    By time: seconds times the weight of the step. When nobody took a whole second where it counts, steps
    are counted instead, so that a quick hand does not work for nothing.
    """
    if reference.by == "time":
        by_time = _sum(reference, efforts, by_time=True)
        if by_time:
            return by_time
    return _sum(reference, efforts, by_time=False)


def _sum(reference: PartyRef, efforts: Efforts, *, by_time: bool) -> dict[str, Decimal]:
    weights = {step.node: step.weight for step in reference.steps}
    found: dict[str, Decimal] = {}
    for node, shares in efforts.items():
        counts = weights.get(node, Decimal(0)) if weights else Decimal(1)
        for member, seconds in shares.items():
            found[member] = found.get(member, Decimal(0)) + counts * (seconds if by_time else 1)
    return {member: weight for member, weight in found.items() if weight > 0}
