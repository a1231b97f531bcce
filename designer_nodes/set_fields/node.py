"""Set fields: compute values of the ticket."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec

from backend.node_sdk import (
    DataPath,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    ValueUnfit,
    WrittenField,
    reference,
    titled,
    to_json,
    write_path,
)

PRIORITIES = {
    "low": ("低", "Low"),
    "normal": ("普通", "Normal"),
    "high": ("高", "High"),
    "urgent": ("紧急", "Urgent"),
}


class Assignment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field and how its value is computed."""

    field: Annotated[DataPath, titled("字段", "Field", widget="field-name")]
    value: Annotated[str, titled("值", "Value", widget="cel", min_length=1)]
    label: Annotated[
        Label | None,
        titled(
            "字段名称",
            "Field name",
            help=("表单里没有的字段请起个名字", "A name for a field that no form has"),
            widget="localized",
        ),
    ] = None


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every value is computed from the data as it was before this node."""

    fields: Annotated[tuple[Assignment, ...], titled("字段", "Fields", max_length=100)] = ()
    priority: Annotated[
        Literal["low", "normal", "high", "urgent"] | None,
        titled(
            "工单优先级", "Ticket priority", help=("不选则不变", "None: stays as it is"), choices=PRIORITIES
        ),
    ] = None
    title: Annotated[
        str, titled("工单标题", "Ticket title", help=("不填则不变", "Empty: stays as it is"), widget="cel")
    ] = ""


def ports(config: Config) -> tuple[Port, ...]:
    return (Port("next", Label("下一步", "Next")),)


def enter(config: Config, context: NodeContext) -> Outcome:
    values: dict[str, Any] = {}
    for assignment in config.fields:
        try:
            value = to_json(context.evaluate(assignment.value))
        except ValueUnfit as unfit:
            return Fail(code="value_unfit", params={"field": assignment.field, "value": str(unfit)})
        _assign(values, context, assignment.field, value)
    facts: dict[str, Any] = {"priority": config.priority} if config.priority else {}
    if config.title:
        facts["title"] = str(context.evaluate(config.title))[:200]
    return Go(port="next", set=values, ticket=facts)


def _assign(values: dict[str, Any], context: NodeContext, field: str, value: Any) -> None:
    """Set the field among the new values; objects on the way keep their other members."""
    name = field.removeprefix("data.")
    if "." in name:
        values.update(write_path({**context.data, **values}, field, value))
    else:
        values[name] = value


def describe(config: Config) -> Label:
    names = [_name(assignment.field) for assignment in config.fields]
    if config.priority:
        names.append("优先级")
    if not names:
        return Label("还没有设置字段", "No fields yet")
    english = [*names[:-1], "priority"] if config.priority else names
    return Label(f"设置 {'、'.join(names[:3])}", f"Sets {', '.join(english[:3])}")


def _name(path: str) -> str:
    return reference("field", path if path.startswith("data.") else f"data.{path}")


def expressions(config: Config) -> tuple[tuple[str, str], ...]:
    values = tuple((f"/fields/{at}/value", field.value) for at, field in enumerate(config.fields))
    return (*values, ("/title", config.title)) if config.title else values


_NUMBER = re.compile(r"[\d.]+|.*[^\"'][-+*/%][^\"'].*|.*\b(size|int|double)\(.*")
_YES_OR_NO = re.compile(r"true|false|!.*|.*(==|!=|<|>|&&|\|\|| in ).*|.*\.(all|exists|contains)\(.*")


def _guess_type(text: str) -> Literal["string", "number", "boolean"]:
    """What an expression most likely gives, by its looks; conditions offer to compare the field with that."""
    _, choice, ways = text.partition("?")
    text = (ways.partition(":")[0] if choice else text).strip()
    if text[:1] in {'"', "'"}:
        return "string"
    if _YES_OR_NO.fullmatch(text):
        return "boolean"
    return "number" if _NUMBER.fullmatch(text) else "string"


def writes(config: Config) -> tuple[WrittenField, ...]:
    return tuple(WrittenField(f.field, f.label, _guess_type(f.value)) for f in config.fields)


NODE_TYPE = NodeType(
    type="set_fields",
    version=1,
    family="automatic",
    shape="activity",
    label=Label("设置字段", "Set fields"),
    help=Label("计算并写入工单字段、优先级或标题", "Computes fields, priority or title"),
    icon="variable",
    config=Config,
    ports=ports,
    enter=enter,
    describe=describe,
    expressions=expressions,
    writes=writes,
)
