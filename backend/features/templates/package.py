"""A template package as it lies on disk: `<industry>/<slug>/` with its parts in the open formats.

Packages are data. Reading one answers a value or refuses it, naming file and reason; nothing here runs
anything of a package.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from backend.contracts.common import Text
from backend.features.templates.scenarios import ScenarioFile
from backend.forms.dialect import check_form
from backend.graph.decode import MAX_BYTES

LIBRARY = Path(__file__).resolve().parents[3] / "template_library"
"""The packages that come with the product."""

ID = r"^[a-z0-9][a-z0-9-]{0,39}/[a-z0-9][a-z0-9-]{0,59}$"
KEY = r"^[a-z0-9][a-z0-9_-]{0,55}$"
ROLE_RIGHTS = frozenset({"view", "run"})
"""A package may not hand out the right to publish, to settle or to administer."""

Key = Annotated[str, msgspec.Meta(pattern=KEY)]


class Contents(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of the parts: each is a file of its folder."""

    workflows: tuple[Key, ...] = ()
    tariffs: tuple[Key, ...] = ()


class EntryLinkPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public door to open when the package is cloned."""

    workflow: Key
    region: Key
    channel: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$")]
    name: Text


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`template.json`."""

    format: Annotated[str, msgspec.Meta(pattern=r"^tierflow\.template/1$")]
    id: Annotated[str, msgspec.Meta(pattern=ID)]
    version: Annotated[str, msgspec.Meta(pattern=r"^\d{1,4}\.\d{1,4}\.\d{1,4}$")]
    industry: str
    industry_name: Text
    name: Text
    summary: Text
    parameters: dict[str, Any]
    contains: Contents
    entry_links: tuple[EntryLinkPlan, ...] = ()
    departments: dict[str, Text] = {}
    """What the departments that tariffs name are called."""


class RolePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role that the workflows name; made when the workspace has none of this key."""

    key: Key
    name: Text
    rights: tuple[str, ...] = ("run",)
    scope: Annotated[str, msgspec.Meta(pattern="^(region|workspace)$")] = "region"


class RegionPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A region that tariffs or links name; by the parameter `param` another one takes its place."""

    key: Key
    parent: str | None
    name: Text
    zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    param: str | None = None


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of a package, with its parameters not yet put in."""

    path: Path
    hash: str
    """SHA-256 over names and bytes of all files."""
    manifest: Manifest
    roles: tuple[RolePlan, ...]
    regions: tuple[RegionPlan, ...]
    workflows: dict[str, dict[str, Any]]
    tariffs: dict[str, dict[str, Any]]
    scenarios: dict[str, ScenarioFile]

    @property
    def slug(self) -> str:
        return self.manifest.id.partition("/")[2]

    def parameter_defaults(self) -> dict[str, Any]:
        """What the wizard starts with."""
        properties: dict[str, Any] = self.manifest.parameters.get("properties", {})
        return {name: field["default"] for name, field in properties.items() if "default" in field}

    def export(self) -> dict[str, Any]:
        """The parts as plain JSON: what a clone keeps as the ancestor of later upgrades."""
        return {
            "manifest": msgspec.to_builtins(self.manifest),
            "roles": msgspec.to_builtins(self.roles),
            "regions": msgspec.to_builtins(self.regions),
            "workflows": self.workflows,
            "tariffs": self.tariffs,
            "hash": self.hash,
        }


class PackageInvalid(Exception):
    """A package cannot be read. `where` is a file of it, `reason` what stands in the way."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


def list_packages(library: Path = LIBRARY) -> list[Package]:
    """Every package of a library, by id. Raises PackageInvalid."""
    return [load_package(manifest.parent) for manifest in sorted(library.glob("*/*/template.json"))]


def find_package(template_id: str, library: Path = LIBRARY) -> Package | None:
    """The package of this id; None when there is none."""
    if not re.match(ID, template_id):
        return None
    folder = library / template_id
    return load_package(folder) if (folder / "template.json").is_file() else None


_loaded: dict[Path, tuple[tuple[tuple[str, int, int], ...], Package]] = {}


def load_package(folder: Path) -> Package:
    """Read a folder; again only after one of its files has changed. Raises PackageInvalid."""
    folder = folder.resolve()
    files = sorted(path for path in folder.rglob("*.json") if path.is_file())
    stamp = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    known = _loaded.get(folder)
    if known is None or known[0] != stamp:
        known = _loaded[folder] = stamp, _read_package(folder, files)
    return known[1]


def _read_package(folder: Path, files: list[Path]) -> Package:
    documents = {str(path.relative_to(folder)): _read_json(path, folder) for path in files}
    manifest = _convert(documents, "template.json", Manifest)
    if manifest.id != f"{folder.parent.name}/{folder.name}":
        raise PackageInvalid("template.json", f"id {manifest.id} is not the folder's name")
    package = Package(
        path=folder,
        hash=_hash(folder, files),
        manifest=manifest,
        roles=_convert(documents, "roles.json", tuple[RolePlan, ...], []),
        regions=_convert(documents, "regions.json", tuple[RegionPlan, ...], []),
        workflows={key: _join_forms(documents, key) for key in manifest.contains.workflows},
        tariffs={key: _take(documents, f"tariffs/{key}.json") for key in manifest.contains.tariffs},
        scenarios={
            Path(name).stem: _convert(documents, name, ScenarioFile)
            for name in documents
            if name.startswith("scenarios/")
        },
    )
    _check_relations(package)
    return package


def _read_json(path: Path, folder: Path) -> Any:
    where = str(path.relative_to(folder))
    if path.is_symlink() or path.stat().st_size > MAX_BYTES:
        raise PackageInvalid(where, f"not a plain file of at most {MAX_BYTES} bytes")
    try:
        return msgspec.json.decode(path.read_bytes())
    except msgspec.DecodeError as error:
        raise PackageInvalid(where, str(error)) from error


def _take(documents: Mapping[str, Any], name: str) -> dict[str, Any]:
    document = documents.get(name)
    if not isinstance(document, dict):
        raise PackageInvalid(name, "missing, or not an object")
    return document


def _convert(documents: Mapping[str, Any], name: str, kind: Any, absent: Any = None) -> Any:
    document = documents.get(name, absent)
    if document is None:
        raise PackageInvalid(name, "missing")
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise PackageInvalid(name, str(error)) from error


def _join_forms(documents: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The definition with the forms its nodes name beside those it holds itself."""
    where = f"workflows/{key}.json"
    workflow = dict(_take(documents, where))
    forms = dict(workflow.get("forms") or {})
    for form in sorted(_list_form_keys(workflow) - set(forms)):
        forms[form] = _take(documents, f"forms/{form}.json")
        errors = [issue for issue in check_form(forms[form]) if issue.severity == "error"]
        if errors:
            raise PackageInvalid(f"forms/{form}.json", f"{errors[0].code} at {errors[0].pointer or '/'}")
    return {**workflow, "forms": forms}


def _list_form_keys(workflow: Mapping[str, Any]) -> set[str]:
    nodes = (workflow.get("graph") or {}).get("nodes") or {}
    named = ((node.get("config") or {}).get("form") for node in nodes.values())
    return {form for form in named if isinstance(form, str)}


def _hash(folder: Path, files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _check_relations(package: Package) -> None:
    """What one part says of another must be there. Raises PackageInvalid."""
    regions = {region.key for region in package.regions}
    parameters = package.manifest.parameters.get("properties", {})
    for region in package.regions:
        if region.parent is not None and region.parent not in regions:
            raise PackageInvalid("regions.json", f"{region.key}: unknown parent {region.parent}")
        if region.param is not None and region.param not in parameters:
            raise PackageInvalid("regions.json", f"{region.key}: unknown parameter {region.param}")
    for link in package.manifest.entry_links:
        if link.region not in regions or link.workflow not in package.workflows:
            raise PackageInvalid("template.json", f"entry link to {link.workflow} in {link.region}")
    for role in package.roles:
        if not ROLE_RIGHTS.issuperset(role.rights):
            raise PackageInvalid("roles.json", f"{role.key}: only {', '.join(sorted(ROLE_RIGHTS))}")
    for name, scenario in package.scenarios.items():
        if package.workflows and scenario.scenario.workflow not in package.workflows:
            raise PackageInvalid(f"scenarios/{name}.json", "names no workflow of the package")
