"""Settle: book what the ticket is worth, by the tariff of its region."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from backend.node_sdk import (
    NAME,
    Call,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    Signal,
    ValueUnfit,
    reference,
    titled,
    to_decimal,
)

UNITS = {"hours": Decimal(3600), "minutes": Decimal(60)}
ROWS = (
    "这一项和下面几项用来选择结算表的行，不填则不按它区分",
    "This and the following choose the tariff's row; an empty one makes no difference",
)
DIMENSIONS = ("service", "channel", "role", "level", "grade")


class Quantity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One number a tariff reads: computed, or the time people worked at the named nodes."""

    measure: Annotated[
        str,
        titled(
            "计量项",
            "Measure",
            help=("与结算表一致，例如 hours", "As in the tariff, e.g. hours"),
            pattern=NAME,
        ),
    ]
    source: Annotated[
        Literal["value", "handling"],
        titled(
            "来源",
            "Taken from",
            choices={"value": ("计算", "A formula"), "handling": ("处理时长", "Handling time")},
        ),
    ] = "value"
    value: Annotated[str, titled("公式", "Formula", widget="cel", when={"source": "value"})] = ""
    nodes: Annotated[
        tuple[str, ...],
        titled(
            "哪些步骤（空为全部）",
            "Steps (none: all)",
            widget="human-ref",
            when={"source": "handling"},
            max_length=50,
        ),
    ] = ()
    unit: Annotated[
        Literal["hours", "minutes"],
        titled(
            "单位",
            "Unit",
            choices={"hours": ("小时", "Hours"), "minutes": ("分钟", "Minutes")},
            when={"source": "handling"},
        ),
    ] = "hours"


class Party(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who stands for a name that the tariff uses (who is paid, which department, which partner)."""

    slot: Annotated[str, titled("结算表中的名称", "Name in the tariff", pattern=NAME)]
    kind: Annotated[
        Literal["owner", "worker", "member", "department", "partner"],
        titled(
            "是谁",
            "Who",
            choices={
                "owner": ("工单负责人", "The ticket's owner"),
                "worker": ("某一步的处理人", "Whoever did a step"),
                "member": ("指定成员", "One member"),
                "department": ("部门", "A department"),
                "partner": ("合作方", "A partner"),
            },
        ),
    ] = "owner"
    node: Annotated[str | None, titled("步骤", "Step", widget="human-ref", when={"kind": "worker"})] = None
    key: Annotated[
        str,
        titled(
            "代码或公式",
            "Code or formula",
            help=('固定代码请加引号，例如 "east"', 'A fixed code stands in quotes, such as "east"'),
            widget="cel",
            when={"kind": ("member", "department", "partner")},
        ),
    ] = ""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tariff, the numbers it reads, and the attributes that choose its row."""

    tariff: Annotated[str | None, titled("结算表", "Tariff", widget="tariff-ref")] = None
    quantities: Annotated[tuple[Quantity, ...], titled("计量", "Quantities", max_length=30)] = ()
    service: Annotated[str, titled("服务类型", "Service", help=ROWS, widget="cel")] = ""
    channel: Annotated[str, titled("渠道", "Channel", widget="cel")] = "ticket.channel"
    role: Annotated[str, titled("角色", "Role", widget="cel")] = ""
    level: Annotated[str, titled("级别", "Level", widget="cel")] = ""
    grade: Annotated[str, titled("客户等级", "Customer grade", widget="cel")] = "customer.grade"
    parties: Annotated[tuple[Party, ...], titled("收付款方", "Parties", max_length=20)] = ()


def ports(config: Config) -> tuple[Port, ...]:
    return (
        Port("next", Label("已记账", "Booked")),
        Port("failed", Label("无法结算", "Could not settle"), "error", required=False),
    )


def enter(config: Config, context: NodeContext) -> Outcome:
    try:
        quantities = {quantity.measure: str(_measure(quantity, context)) for quantity in config.quantities}
    except ValueUnfit as unfit:
        return Fail(code="quantity_unfit", params={"value": str(unfit)})
    parties = {}
    for party in config.parties:
        found = _find_party(party, context)
        if found is None:
            return Fail(code="party_unknown", params={"slot": party.slot})
        parties[party.slot] = found
    return Call(
        job="settle",
        payload={
            "tariff": config.tariff,
            "quantities": {"tickets": "1", **quantities},
            "attributes": {**_attributes(config, context), "priority": context.ticket["priority"]},
            "parties": parties,
            "people": dict(context.people),
            "visit": context.visit,
        },
    )


def _measure(quantity: Quantity, context: NodeContext) -> Decimal:
    """Exact, in the measure's own unit; money is a whole number of minor units. Raises ValueUnfit."""
    if quantity.source == "value":
        return to_decimal(context.evaluate(quantity.value))
    spent = context.ticket["handling_seconds"]
    seconds = sum(spent.get(node, 0) for node in quantity.nodes) if quantity.nodes else sum(spent.values())
    return (Decimal(seconds) / UNITS[quantity.unit]).quantize(Decimal("0.000001"))


def _attributes(config: Config, context: NodeContext) -> dict[str, str | None]:
    """What is not on the ticket stays None, and matches only rows that do not ask."""
    found: dict[str, str | None] = {}
    for name in DIMENSIONS:
        text: str = getattr(config, name)
        value = context.find(text) if text else None
        found[name] = None if value is None or value == "" else str(value)
    return found


def _find_party(party: Party, context: NodeContext) -> dict[str, str] | None:
    if party.kind in {"owner", "worker"}:
        slot = "owner" if party.kind == "owner" else party.node or ""
        member = context.people.get(slot)
        return {"kind": "member", "id": member} if member else None
    key = context.find(party.key) if party.key else None
    return {"kind": party.kind, "id": str(key)} if key else None


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    if signal.kind == "job_failed":
        return Go(port="failed", notes=(("settle_failed", {"code": signal.code}),))
    result: Any = signal.result if isinstance(signal.result, dict) else {}
    return Go(port="next", notes=(("settled", {"total": result.get("total", "")}),))


def describe(config: Config) -> Label:
    if not config.tariff:
        return Label("还没有选择结算表", "No tariff yet")
    tariff = reference("tariff", config.tariff)
    return Label(f"按“{tariff}”记账", f"Books by {tariff}")


def expressions(config: Config) -> tuple[tuple[str, str], ...]:
    quantities = (
        (f"/quantities/{at}/value", q.value) for at, q in enumerate(config.quantities) if q.source == "value"
    )
    attributes = ((f"/{name}", getattr(config, name)) for name in DIMENSIONS if getattr(config, name))
    parties = ((f"/parties/{at}/key", party.key) for at, party in enumerate(config.parties) if party.key)
    return (*quantities, *attributes, *parties)


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = [] if config.tariff else [("tariff_missing", "/tariff")]
    measures = [quantity.measure for quantity in config.quantities]
    found.extend(
        ("name_repeated", f"/quantities/{at}/measure") for at, m in enumerate(measures) if m in measures[:at]
    )
    for at, party in enumerate(config.parties):
        if party.kind == "worker" and not party.node:
            found.append(("node_missing", f"/parties/{at}/node"))
        if party.kind in {"member", "department", "partner"} and not party.key:
            found.append(("key_missing", f"/parties/{at}/key"))
    return tuple(found)


def nodes(config: Config) -> tuple[tuple[str, str], ...]:
    """Steps whose time counts, and whose worker is paid."""
    counted = [
        (f"/quantities/{at}/nodes/{place}", node)
        for at, quantity in enumerate(config.quantities)
        if quantity.source == "handling"
        for place, node in enumerate(quantity.nodes)
    ]
    paid = [
        (f"/parties/{at}/node", party.node)
        for at, party in enumerate(config.parties)
        if party.kind == "worker" and party.node
    ]
    return (*counted, *paid)


NODE_TYPE = NodeType(
    type="settle",
    version=1,
    family="money",
    shape="activity",
    label=Label("结算", "Settle"),
    help=Label("按区域的结算表记账", "Books by the tariff of the ticket's region"),
    icon="coins",
    config=Config,
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    expressions=expressions,
    problems=problems,
    nodes=nodes,
)
