"""Backtests of tariffs."""

TEXTS: dict[str, tuple[str, str]] = {
    "backtest_running": (
        "这张结算表的另一次回测还在进行，请等它结束或先停止。",
        "Another backtest of this tariff is still running; wait for it or stop it.",
    ),
    "backtest_over": ("这次回测已经结束或正在进行。", "This backtest is running or over."),
    "backtest_failed": (
        "回测中断了，可以继续；一直失败时请查看任务记录。",
        "The backtest broke off. Resume it; if it keeps failing, look at the jobs.",
    ),
    "backtest_too_long": ("最多回测 {days} 天。", "A backtest covers at most {days} days."),
    "backtest.row": ("{row}", "{row}"),
    "backtest.tier": ("{row} · 第 {tier} 档", "{row}, tier {tier}"),
}
