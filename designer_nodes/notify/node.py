"""Notify: tell somebody, in the app or by e-mail."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from backend.node_sdk import (
    SCOPES,
    Call,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    Scope,
    Signal,
    fill_placeholders,
    read_path,
    reference,
    titled,
)

RECIPIENTS = {
    "owner": ("工单负责人", "The ticket's owner"),
    "role": ("某个角色", "A role"),
    "creator": ("建单人", "Whoever created the ticket"),
    "customer": ("客户", "The customer"),
    "member": ("指定成员", "One member"),
    "address": ("邮箱字段", "An address on the ticket"),
}
CHANNELS = {"in_app": ("站内通知", "In the app"), "email": ("电子邮件", "E-mail")}


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom, how and what. Texts may hold placeholders such as {data.shop} or {ticket.number}."""

    channel: Annotated[Literal["in_app", "email"], titled("渠道", "Channel", choices=CHANNELS)] = "in_app"
    to: Annotated[
        Literal["owner", "role", "creator", "customer", "member", "address"],
        titled("通知谁", "To", choices=RECIPIENTS),
    ] = "owner"
    role: Annotated[str | None, titled("角色", "Role", widget="role-ref", when={"to": "role"})] = None
    scope: Annotated[Scope, titled("范围", "Where", choices=SCOPES, when={"to": "role"})] = "region"
    member: Annotated[str | None, titled("成员", "Member", widget="member-ref", when={"to": "member"})] = None
    address: Annotated[
        str | None, titled("邮箱字段", "Field with the address", widget="field-ref", when={"to": "address"})
    ] = None
    subject: Annotated[Label, titled("标题", "Subject", widget="localized-template")] = Label(
        "工单 {ticket.number}", "Ticket {ticket.number}"
    )
    body: Annotated[Label, titled("内容", "Text", widget="localized-template-text")] = Label("", "")


def ports(config: Config) -> tuple[Port, ...]:
    sent = Port("sent", Label("已发送", "Sent"))
    return (sent, Port("failed", Label("发送失败", "Could not be sent"), "error", required=False))


def enter(config: Config, context: NodeContext) -> Outcome:
    recipient = _recipient(config, context)
    if recipient is None:
        return Fail(code="no_recipient", params={"to": config.to})
    payload = {
        "to": recipient,
        "subject": _fill(config.subject, context),
        "body": _fill(config.body, context),
    }
    return Call(job="notify" if config.channel == "in_app" else "email", payload=payload)


def _recipient(config: Config, context: NodeContext) -> dict[str, Any] | None:
    """Whom the shell must resolve, as plain data; None when the ticket does not know yet."""
    if config.to == "role":
        return {"kind": "role", "role": config.role, "scope": config.scope}
    if config.to in {"owner", "creator"}:
        member = context.people.get(config.to)
        return {"kind": "member", "member": member} if member else None
    if config.to == "member":
        return {"kind": "member", "member": config.member}
    if config.to == "customer":
        return {"kind": "customer", "address": context.customer.get("email")}
    address = read_path(context, config.address or "")
    return {"kind": "address", "address": address} if isinstance(address, str) and address else None


def _fill(text: Label, context: NodeContext) -> dict[str, str]:
    zh, en = text.zh or text.en, text.en or text.zh
    return {"zh": fill_placeholders(zh, context), "en": fill_placeholders(en, context)}


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    return Go(port="sent" if signal.kind == "job_done" else "failed")


def describe(config: Config) -> Label:
    channel, to = CHANNELS[config.channel], RECIPIENTS[config.to]
    if config.to == "role" and config.role:
        to = (reference("role", config.role),) * 2
    return Label(f"{channel[0]} → {to[0]}", f"{channel[1]} → {to[1]}")


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    needed = {"role": config.role, "member": config.member, "address": config.address}
    if config.to in needed and not needed[config.to]:
        return ((f"{config.to}_missing", f"/{config.to}"),)
    if config.channel == "in_app" and config.to in {"customer", "address"}:
        return (("channel_not_for_customers", "/channel"),)
    return ()


NODE_TYPE = NodeType(
    type="notify",
    version=1,
    family="automatic",
    shape="activity",
    label=Label("通知", "Notify"),
    help=Label("发送站内通知或邮件", "A notification in the app or an e-mail"),
    icon="bell",
    config=Config,
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    problems=problems,
)
