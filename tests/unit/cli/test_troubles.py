"""A command that cannot reach its database says so in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.cli import main


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
