"""Webhook: call another system and keep its answer."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from backend.node_sdk import (
    Call,
    DataPath,
    Fail,
    Go,
    Label,
    NodeContext,
    NodeType,
    Outcome,
    Port,
    Signal,
    ValueUnfit,
    WrittenField,
    fill_placeholders,
    titled,
    to_json,
    write_path,
)

METHODS = {name: (name, name) for name in ("POST", "GET", "PUT", "PATCH", "DELETE")}


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request header; its value may hold placeholders."""

    name: Annotated[str, titled("名称", "Name", pattern=r"^[A-Za-z0-9-]{1,64}$")]
    value: Annotated[str, titled("值", "Value", widget="template", max_length=1000)] = ""


class BodyField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member of the JSON that is sent."""

    name: Annotated[str, titled("名称", "Name", min_length=1, max_length=64)]
    value: Annotated[str, titled("值", "Value", widget="cel", min_length=1)]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is called. Only addresses on the workspace's allow-list are reached."""

    method: Annotated[
        Literal["POST", "GET", "PUT", "PATCH", "DELETE"], titled("方法", "Method", choices=METHODS)
    ] = "POST"
    url: Annotated[str, titled("地址", "Address", max_length=2000)] = ""
    headers: Annotated[tuple[Header, ...], titled("请求头", "Headers", max_length=20)] = ()
    body: Annotated[tuple[BodyField, ...], titled("发送的字段", "Fields sent", max_length=50)] = ()
    timeout: Annotated[int, titled("超时（秒）", "Timeout (seconds)", ge=1, le=60)] = 10
    result_field: Annotated[
        DataPath | None, titled("回应存入字段", "Keep the answer in", widget="field-name")
    ] = None


def ports(config: Config) -> tuple[Port, ...]:
    return (
        Port("ok", Label("成功", "Answered")),
        Port("error", Label("失败", "Failed"), "error", required=False),
    )


def enter(config: Config, context: NodeContext) -> Outcome:
    body = {}
    for field in config.body:
        try:
            body[field.name] = to_json(context.evaluate(field.value))
        except ValueUnfit as unfit:
            return Fail(code="value_unfit", params={"field": field.name, "value": str(unfit)})
    headers = {header.name: _one_line(fill_placeholders(header.value, context)) for header in config.headers}
    return Call(
        job="webhook",
        payload={
            "method": config.method,
            "url": config.url,
            "headers": headers,
            "body": None if config.method == "GET" else body,
            "timeout": config.timeout,
        },
    )


def _one_line(text: str) -> str:
    """A header must not smuggle in another."""
    return " ".join(text.split())


def resume(config: Config, context: NodeContext, signal: Signal) -> Outcome:
    if signal.kind == "job_failed":
        return Go(port="error", notes=(("webhook_failed", {"code": signal.code}),))
    answer = signal.result.get("body") if isinstance(signal.result, dict) else None
    kept = write_path(context.data, config.result_field, answer) if config.result_field else {}
    return Go(port="ok", set=kept)


def describe(config: Config) -> Label:
    host = urlsplit(config.url).hostname if config.url else None
    return Label(f"{config.method} {host or '未填写地址'}", f"{config.method} {host or 'no address yet'}")


def problems(config: Config) -> tuple[tuple[str, str], ...]:
    try:
        parts = urlsplit(config.url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        fits = False
    return () if fits else (("url_invalid", "/url"),)


NODE_TYPE = NodeType(
    type="webhook",
    version=1,
    family="automatic",
    shape="activity",
    label=Label("调用接口", "Webhook"),
    help=Label("调用其他系统，并保存它的回应", "Calls another system and keeps its answer"),
    icon="webhook",
    config=Config,
    ports=ports,
    enter=enter,
    resume=resume,
    describe=describe,
    writes=lambda config: (WrittenField(config.result_field, None, "object"),) if config.result_field else (),
    expressions=lambda config: tuple((f"/body/{at}/value", f.value) for at, f in enumerate(config.body)),
    problems=problems,
)
