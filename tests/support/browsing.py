"""Chromium for tests: Debian's where it is installed, else Playwright's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).resolve().parent.parent.parent / "docs" / "images"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
COLOURS = 128
"""Of a kept picture: flat surfaces need no more, and the file stays small."""


@contextmanager
def open_browser() -> Iterator[Browser]:
    """One browser; tests open a context each."""
    executable = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=[*FLAGS, *(["--no-sandbox"] if is_root else [])]
        )
        yield browser
        browser.close()


TAKES_PICTURES = os.environ.get("TIERFLOW_SCREENSHOTS") == "1"


def take_picture(page: Page, name: str) -> None:
    """Keep the page as `docs/images/<name>.png`, when the guides' pictures are being taken anew."""
    if TAKES_PICTURES:
        IMAGES.mkdir(parents=True, exist_ok=True)
        shot = Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
        small = shot.quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(IMAGES / f"{name}.png", optimize=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, shared by all tests of this process; each test opens a context of its own."""
    with open_browser() as browser:
        yield browser
