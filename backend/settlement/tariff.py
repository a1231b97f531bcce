"""The tariff: a versioned table that says who is paid how much for a ticket, as a validated immutable value.

Format ``tierflow.tariff/1``. Amounts are whole minor units; rates, factors, shares and bounds are decimals,
written as text (``"0.08"``) so that nothing is lost on the way; money bounds are minor units too
(``"5000000"`` = CNY 50,000.00).

.. code-block:: json

    {"format": "tierflow.tariff/1", "key": "commission", "name": {"zh": "顾问提成", "en": "Commission"},
     "currency": "CNY", "rounding": "half_up", "accumulation": "period", "period": "month",
     "measures": {"sale": {"label": {"zh": "销售额", "en": "sales"}, "kind": "money"}},
     "rows": [
       {"id": "east_senior", "match": {"region": "east", "level": "senior"},
        "charge": {"model": "volume_percentage", "measure": "sale", "inclusive": "lower", "tiers": [
           {"from": "0", "to": "5000000", "rate": "0"},
           {"from": "5000000", "to": "10000000", "rate": "0.08"},
           {"from": "10000000", "to": null, "rate": "0.12"}]},
        "modifiers": [],
        "pays": {"party": "assignee"}, "from": {"party": "department", "key": "sales"}}]}

Charge models (``q`` is the quantity that ``measure`` names in the facts of the ticket):

==================== ====================================================================================
flat                 ``amount``
per_unit             ``q * rate`` (rate in minor units a unit: hours, pieces, any number)
percentage           ``q * rate`` (q is money, rate is a fraction: ``"0.08"`` = 8 %)
graduated            every unit at the rate of the tier it lies in, plus ``flat`` of every tier entered
graduated_percentage the same with money and fractions: the marginal reading 超额累进
volume               all units at the rate of the tier that ``q`` reaches, plus that tier's ``flat``
volume_percentage    the same with money and fractions: the whole-amount reading 全额累进
package              blocks of ``size`` at ``price`` each; a begun block counts (or not: ``partial``)
guarantee_plus_excess ``guarantee`` plus ``rate`` times what lies above ``threshold`` 保底+超额
composite            the sum of its ``parts``, each of which may be paid to somebody else
==================== ====================================================================================

A bound belongs to exactly one tier: with ``inclusive: "lower"`` a tier holds its ``from`` and not its ``to``
(50,000 is already in the tier that begins there), with ``"upper"`` it holds its ``to`` and not its ``from``
(50,000 is still in the tier that ends there). The first tier always holds its own ``from``.

Modifiers come after the charge, in the order of the table, each as a line of its own.
``pays`` names who receives, ``from`` who bears it; a part or a modifier without its own takes those of the
row.
"""

from decimal import Decimal
from typing import Literal

import msgspec

from backend.settlement.money import Rounding

FORMAT = "tierflow.tariff/1"

Bound = Literal["lower", "upper"]
Calendar = Literal["week", "month", "quarter"]
Period = Literal["week", "month", "quarter", "settlement"]
"""``settlement``: the settlement period of the ticket's region."""
Dimension = Literal["service", "channel", "role", "level", "grade"]
DIMENSIONS: tuple[Dimension, ...] = ("service", "channel", "role", "level", "grade")


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A label that an administrator wrote, in both languages."""

    zh: str
    en: str


class StepWeight(msgspec.Struct, frozen=True, kw_only=True):
    """How much work at a node counts in a split by contribution: 2 makes an hour there worth two."""

    node: str
    weight: Decimal = Decimal(1)


class PartyRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who receives or bears an amount, named by function; the runtime resolves it to a person or a
    department.

    ``assignee``: who finished the ticket's last task; ``node_worker``: who worked the node ``key``;
    ``role``: the members of role ``key`` on this ticket; ``department``, ``partner``, ``account``: the one
    called ``key``; ``region_pool``: the pool of the ticket's region; ``contributors``: everybody who worked
    on the ticket, ``by`` the time each needed, or equally for each step they worked; ``customer``: the
    account of customers. An account called ``tax:<name>`` holds a tax. ``steps`` weigh the
    nodes against each other; a node that is not among them counts for nothing, no steps at all mean that
    every node counts alike.
    """

    party: Literal[
        "assignee",
        "node_worker",
        "role",
        "department",
        "partner",
        "region_pool",
        "account",
        "contributors",
        "customer",
    ]
    key: str | None = None
    by: Literal["time", "steps"] = "time"
    steps: tuple[StepWeight, ...] = ()


ASSIGNEE = PartyRef(party="assignee")
REGION_POOL = PartyRef(party="region_pool")


class Tier(msgspec.Struct, frozen=True, kw_only=True, rename={"start": "from", "end": "to"}):
    """One tier: its bounds in the unit of the measure, a ``rate`` on quantity, and a ``flat`` amount in
    minor units."""

    start: Decimal
    end: Decimal | None = None
    rate: Decimal = Decimal(0)
    flat: int = 0


class Flat(msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="flat"):
    amount: int


class PerUnit(msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="per_unit"):
    measure: str
    rate: Decimal


class Percentage(msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="percentage"):
    measure: str
    rate: Decimal


class Graduated(msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="graduated"):
    measure: str
    tiers: tuple[Tier, ...]
    inclusive: Bound = "lower"


class GraduatedPercentage(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="graduated_percentage"
):
    measure: str
    tiers: tuple[Tier, ...]
    inclusive: Bound = "lower"


class Volume(msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="volume"):
    measure: str
    tiers: tuple[Tier, ...]
    inclusive: Bound = "lower"


class VolumePercentage(msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="volume_percentage"):
    measure: str
    tiers: tuple[Tier, ...]
    inclusive: Bound = "lower"


class Package(msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="package"):
    """``price`` minor units for each block of ``size``; a begun block is charged (``charged``) or free
    (``free``)."""

    measure: str
    size: Decimal
    price: int
    partial: Literal["charged", "free"] = "charged"


class GuaranteePlusExcess(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="guarantee_plus_excess"
):
    """``guarantee`` minor units whatever happens, plus ``rate`` times the quantity above ``threshold``.

    ``basis`` says how to read ``rate``: a fraction of money (``percentage``) or minor units a unit
    (``per_unit``).
    """

    measure: str
    guarantee: int
    threshold: Decimal
    rate: Decimal
    basis: Literal["percentage", "per_unit"] = "percentage"


SimpleCharge = (
    Flat
    | PerUnit
    | Percentage
    | Graduated
    | GraduatedPercentage
    | Volume
    | VolumePercentage
    | Package
    | GuaranteePlusExcess
)
TieredCharge = Graduated | GraduatedPercentage | Volume | VolumePercentage
TIERED = (Graduated, GraduatedPercentage, Volume, VolumePercentage)
WHOLE_AMOUNT = (Volume, VolumePercentage)
FRACTIONAL = (Percentage, GraduatedPercentage, VolumePercentage)


class Part(msgspec.Struct, frozen=True, kw_only=True, rename={"source": "from"}):
    """One summand of a composite charge: labour, parts, lead, sale ... with its own payer and payee if it
    needs them."""

    id: str
    charge: SimpleCharge
    name: Text | None = None
    pays: PartyRef | None = None
    source: PartyRef | None = None


class Composite(msgspec.Struct, frozen=True, kw_only=True, tag_field="model", tag="composite"):
    parts: tuple[Part, ...]


Charge = (
    Flat
    | PerUnit
    | Percentage
    | Graduated
    | GraduatedPercentage
    | Volume
    | VolumePercentage
    | Package
    | GuaranteePlusExcess
    | Composite
)


class _Modifier(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", rename={"source": "from"}):
    """What every modifier has.

    ``when`` is CEL text; empty means always. ``applies_to`` lists the components (charge parts and earlier
    modifiers) it reads; null means all lines so far. The line goes to ``pays``/``from`` if given, else it is
    shared among the lines it reads.
    """

    id: str
    name: Text | None = None
    when: str = ""
    applies_to: tuple[str, ...] | None = None
    pays: PartyRef | None = None
    source: PartyRef | None = None


class Coefficient(_Modifier, frozen=True, kw_only=True, tag="coefficient"):
    """Multiplies by ``factor``; the line is the difference, at most ``cap`` minor units when it is given."""

    factor: Decimal
    cap: int | None = None


class Deduction(_Modifier, frozen=True, kw_only=True, tag="deduction"):
    """Takes off ``amount``, ``rate`` of the lines it reads, and the money quantity ``measure`` (logistics
    cost); never below zero."""

    amount: int = 0
    rate: Decimal = Decimal(0)
    measure: str | None = None


class Minimum(_Modifier, frozen=True, kw_only=True, tag="minimum"):
    """Tops the lines it reads up to ``amount`` minor units."""

    amount: int


class Maximum(_Modifier, frozen=True, kw_only=True, tag="maximum"):
    """Cuts the lines it reads down to ``amount`` minor units."""

    amount: int


class Tax(_Modifier, frozen=True, kw_only=True, tag="tax"):
    """Adds ``rate`` (a fraction) on top of the lines it reads. ``included``: they hold it already, so the
    tax in them goes from whom they pay to ``pays``, and the total stays."""

    rate: Decimal
    included: bool = False


class Subsidy(_Modifier, frozen=True, kw_only=True, tag="subsidy"):
    """Adds ``amount`` minor units and ``rate`` (a fraction) of the lines it reads."""

    amount: int = 0
    rate: Decimal = Decimal(0)


Modifier = Coefficient | Deduction | Minimum | Maximum | Tax | Subsidy


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Which tickets a row is for; null matches anything. ``region`` also holds for every region below it."""

    region: str | None = None
    service: str | None = None
    channel: str | None = None
    role: str | None = None
    level: str | None = None
    grade: str | None = None

    def values(self) -> tuple[tuple[Dimension, str], ...]:
        """The dimensions besides region that this match pins, in the order of DIMENSIONS."""
        pinned = ((name, getattr(self, name)) for name in DIMENSIONS)
        return tuple((name, value) for name, value in pinned if value is not None)


class Row(msgspec.Struct, frozen=True, kw_only=True, rename={"source": "from"}):
    """One line of the table: for whom, how much, changed by what, from whom to whom."""

    id: str
    match: Match = Match()
    charge: Charge
    modifiers: tuple[Modifier, ...] = ()
    pays: PartyRef = ASSIGNEE
    source: PartyRef = REGION_POOL
    name: Text | None = None


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """What a quantity is called and whether it is money (minor units) or a plain number (hours, pieces)."""

    label: Text
    kind: Literal["money", "number"] = "number"
    unit: Text | None = None


class Tariff(msgspec.Struct, frozen=True, kw_only=True):
    """The whole table. ``accumulation`` "period" means tiers look at the sum of a ``period``, not at one
    ticket."""

    format: Literal["tierflow.tariff/1"] = "tierflow.tariff/1"
    key: str
    name: Text
    currency: str
    rounding: Rounding = "half_up"
    accumulation: Literal["ticket", "period"] = "ticket"
    period: Period = "month"
    measures: dict[str, Measure] = {}
    rows: tuple[Row, ...]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a ticket when its money is worked out.

    ``quantities``: measure -> Decimal (money in minor units, hours and counts as they are); ``attributes``:
    the dimensions of DIMENSIONS and anything else; ``region_path``: region keys from the root to the
    ticket's own region.
    """

    quantities: dict[str, Decimal]
    currency: str
    attributes: dict[str, str | None] = {}
    region_path: tuple[str, ...] = ()


class Phrase(msgspec.Struct, frozen=True):
    """A sentence of the message catalogue: its code and the texts it needs (a ``{"zh", "en"}`` value is
    picked by language)."""

    code: str
    params: dict[str, str | dict[str, str]] = {}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong or doubtful in a tariff; ``pointer`` is a JSON pointer into its document."""

    code: str
    severity: Literal["error", "warning"]
    pointer: str
    params: dict[str, str | dict[str, str]] = {}


class SettlementError(Exception):
    """An amount cannot be worked out; ``code`` and ``params`` name the reason for the message catalogue."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.params = params


class TariffInvalid(Exception):
    """A document is no valid tariff; ``findings`` say what to mend and where."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(f"{finding.code} at {finding.pointer}" for finding in findings))
        self.findings = findings
