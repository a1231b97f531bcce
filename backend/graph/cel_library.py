"""The CEL library without its command line.

Its package imports a shell with a terminal toolkit first: a tenth of our whole start and 10 MiB that nothing
uses. Only the compiled module inside is loaded here, under its own name, so that whoever imports the package
later gets the same one.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import PathFinder
from types import ModuleType

_NAME = "cel.cel"


def load_cel() -> ModuleType:
    """The module. Raises ImportError when the library is not installed."""
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    package = importlib.util.find_spec("cel")
    folders = package.submodule_search_locations if package is not None else None
    found = PathFinder.find_spec("cel", folders) if folders else None
    if found is None or found.origin is None:
        raise ImportError("the CEL library (common-expression-language) is not installed")
    spec = importlib.util.spec_from_file_location(_NAME, found.origin)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {found.origin}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules[_NAME] = module
    return module
