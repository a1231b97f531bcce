"""A command that cannot reach its database says so in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.cli import main
from backend.db.ownership import own
from tests.support.serving import find_port


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+asyncpg://somebody:secret@127.0.0.1:1/tierflow", "cannot be reached"),
        ("no address at all", "cannot be read"),
    ],
)
def test_an_unreachable_database_is_told_in_a_sentence(
    url: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", "--data", str(tmp_path), "--database-url", url]) == 1
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told
    assert "secret" not in told


def test_one_process_serves_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(tmp_path / "tierflow.sqlite")
    assert main(["serve", "--data", str(tmp_path), "--port", str(find_port())]) == 1
    assert "Another process serves" in capsys.readouterr().err
    assert not (tmp_path / "tierflow.sqlite").exists(), "nothing was touched"
