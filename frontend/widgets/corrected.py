"""What became of a booked line: taken back, or itself a correction."""

from __future__ import annotations

from backend.contracts.settlement import SettlementLine
from frontend.session import Shell

CORRECTIONS = frozenset({"reversal", "rebooking", "resolution"})


def stands(line: SettlementLine) -> bool:
    """Nobody has taken it back, and it is not itself the taking back."""
    return line.kind != "reversal" and line.reversed_by is None


def correction_words(line: SettlementLine, shell: Shell) -> str:
    """What a line of a correction is, why and by whom; empty for a plain booking."""
    if line.kind not in CORRECTIONS:
        return shell.t("corrections.reversed") if line.reversed_by else ""
    kind = shell.t(f"corrections.line.{line.kind}")
    if line.reason and line.by:
        return f"{kind} · {shell.t('corrections.by', reason=line.reason, name=line.by)}"
    return " · ".join(part for part in (kind, line.reason or line.by) if part)
