"""Whom an order belongs to.

A rule names a region, a store, a channel, or some of them, and an owner. Of the rules that fit an order, one
is more specific than another when it names everything that the other does (a region below the other's counts
as naming it) and more. The most specific wins. Where two that cannot be compared (this region; that channel)
stand on top with different owners, or nothing fits at all, nobody is guessed at: the order goes to
quarantine.

For one match the rule of the latest day counts: an owner is changed by a new rule from a day on, and orders
before it keep the old one.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

import msgspec

from backend.settlement.posting import Party
from backend.settlement.tariff import Phrase

OwnerKind = Literal["region", "department", "partner", "member"]
OWN_REGION = ""
"""As the id of a region pool: that of the order itself."""


class Owner(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Who is given an order's amount, and the tariff that its commissions are worked out by (if any)."""

    kind: OwnerKind
    id: str = OWN_REGION
    tariff: str = ""

    @property
    def party(self) -> Party:
        """As the ledger names them."""
        return Party(kind=self.kind, id=self.id, name=self.id)


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What is left empty fits every order."""

    id: str
    region: str | None = None
    store: str = ""
    channel: str = ""
    owner: Owner
    valid_from: date


class OrderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What decides; `region_path` holds keys from the root down to the order's own region."""

    region_path: tuple[str, ...]
    store: str = ""
    channel: str = ""
    day: date


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """One owner, or none and why; `candidates` are those who were equally well meant."""

    owner: Owner | None = None
    candidates: tuple[Owner, ...] = ()
    rules: tuple[str, ...] = ()
    why: Phrase


class _Fit(msgspec.Struct, frozen=True):
    rule: Rule
    depth: int
    """Place of the rule's region on the order's path, -1 without one."""

    def is_narrower(self, other: "_Fit") -> bool:
        mine, others = self._rank(), other._rank()
        return mine != others and all(own >= its for own, its in zip(mine, others, strict=True))

    def _rank(self) -> tuple[int, bool, bool]:
        return (self.depth, bool(self.rule.store), bool(self.rule.channel))


def attribute(facts: OrderFacts, rules: Iterable[Rule]) -> Attribution:
    """The owner by the most specific rules. The order of `rules` makes no difference."""
    fitting = _list_fitting(facts, rules)
    if not fitting:
        return Attribution(why=Phrase("attribution.none", {}))
    top = [fit for fit in fitting if not any(other.is_narrower(fit) for other in fitting)]
    owners = sorted({_own(fit.rule.owner, facts) for fit in top})
    names = tuple(sorted(fit.rule.id for fit in top))
    if len(owners) > 1:
        why = Phrase("attribution.ambiguous", {"count": str(len(owners))})
        return Attribution(candidates=tuple(owners), rules=names, why=why)
    first = min(top, key=lambda fit: fit.rule.id).rule
    return Attribution(owner=owners[0], candidates=(owners[0],), rules=names, why=explain(first))


def explain(rule: Rule) -> Phrase:
    """What the rule looked at: `attribution.by_region_channel` and the like."""
    named: dict[str, str] = {
        name: value
        for name, value in (("region", rule.region), ("store", rule.store), ("channel", rule.channel))
        if value
    }
    return Phrase("attribution.by_" + ("_".join(named) or "all"), dict(named))


def _list_fitting(facts: OrderFacts, rules: Iterable[Rule]) -> Sequence[_Fit]:
    """Rules that fit and hold, of each match those of its latest day."""
    latest: dict[tuple[str | None, str, str], list[Rule]] = {}
    for rule in rules:
        if rule.valid_from > facts.day or not _fits(rule, facts):
            continue
        match = (rule.region, rule.store, rule.channel)
        held = latest.setdefault(match, [])
        if held and held[0].valid_from < rule.valid_from:
            held.clear()
        if not held or held[0].valid_from == rule.valid_from:
            held.append(rule)
    return [
        _Fit(rule, -1 if rule.region is None else facts.region_path.index(rule.region))
        for held in latest.values()
        for rule in held
    ]


def _fits(rule: Rule, facts: OrderFacts) -> bool:
    return (
        (rule.region is None or rule.region in facts.region_path)
        and rule.store in {"", facts.store}
        and rule.channel in {"", facts.channel}
    )


def _own(owner: Owner, facts: OrderFacts) -> Owner:
    if owner.kind == "region" and owner.id == OWN_REGION:
        return msgspec.structs.replace(owner, id=facts.region_path[-1])
    return owner
