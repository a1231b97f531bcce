"""Make a fresh machine ready, with nothing but Python 3.11.

`python3 scripts/bootstrap.py [runtime|dev] [islands] [browser]`. Each step leaves a stamp of what it was
made from, so that doing it again takes a moment. Standard library only: this runs before anything is
installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
ISLANDS = ROOT / "frontend" / "islands"
DIST = ROOT / "frontend" / "static" / "dist"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
OLDEST_PYTHON = (3, 11)
NEWEST_MINOR = 14
SOURCES = {".py", ".ts", ".tsx", ".css", ".json", ".mjs", ".html", ".svg"}


def main(words: list[str]) -> int:
    if sys.version_info < OLDEST_PYTHON:
        return start_again_with_newer_python(words)
    kind = "dev" if "dev" in words else "runtime"
    install_python_packages(kind)
    if "islands" in words:
        build_islands()
    if "browser" in words:
        install_browser()
    return 0


def start_again_with_newer_python(words: list[str]) -> int:
    """`python3` may be an old one beside a newer one."""
    for minor in range(NEWEST_MINOR, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer is not None:
            return subprocess.run([newer, __file__, *words], check=False).returncode
    return fail(f"Tierflow needs Python 3.11 or newer; this is {sys.version.split()[0]}")


def fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 1


def say(message: str) -> None:
    print(f"· {message}", flush=True)


def run(*command: str | Path, **options: object) -> None:
    """Run it; on failure stop with the same exit code."""
    done = subprocess.run([str(word) for word in command], check=False, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        print(f"failed: {' '.join(str(word) for word in command)}", file=sys.stderr)
        raise SystemExit(done.returncode)


def digest(parts: Iterable[bytes]) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
        total.update(b"\0")
    return total.hexdigest()


def is_current(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


# --- Python ---


def install_python_packages(kind: str) -> None:
    """The locked packages, checked by hash. The set for development contains the one for running."""
    wanted = {name: requirement_digest(name) for name in (kind, "dev")}
    if any(is_current(VENV / f".tierflow-{name}", value) for name, value in wanted.items()):
        return
    if not PYTHON.exists():
        create_environment()
    say(f"installing Python packages ({kind})")
    install("-r", ROOT / "requirements" / f"{kind}.txt")
    write_command()
    (VENV / f".tierflow-{kind}").write_text(wanted[kind])


def requirement_digest(kind: str) -> str:
    return digest([(ROOT / "requirements" / f"{kind}.txt").read_bytes(), sys.version.encode()])


def create_environment() -> None:
    say("creating .venv")
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], check=False, capture_output=True, text=True
    )
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        print(made.stdout + made.stderr, file=sys.stderr)
        print("Python has no venv here. On Debian or Ubuntu: apt-get install python3-venv", file=sys.stderr)
        raise SystemExit(1)


def write_command() -> None:
    """`.venv/bin/tierflow`, working on this checkout from wherever it is called."""
    command = BIN / "tierflow"
    command.write_text(
        f"#!{PYTHON}\nimport sys\n\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from backend.cli import main\n\nsys.exit(main())\n"
    )
    command.chmod(0o755)


def install(*words: str | Path) -> None:
    run(
        PYTHON,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-input",
        "--disable-pip-version-check",
        "--require-hashes",
        *words,
    )


# --- islands ---


def build_islands() -> None:
    """Node packages by the lock file, then the bundle; both only when something changed."""
    sources = source_digest()
    if is_current(DIST / ".stamp", sources):
        return
    environment = find_node()
    lock = digest([(ISLANDS / "package-lock.json").read_bytes()])
    stamp = ISLANDS / "node_modules" / ".tierflow"
    npm = shutil.which("npm", path=environment["PATH"]) or "npm"
    if not is_current(stamp, lock):
        say("installing Node packages")
        run(npm, "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=ISLANDS, env=environment)
        stamp.write_text(lock)
    say("building the islands")
    fresh = DIST.with_name("dist.new")
    words = ("vite", "build", "--outDir", str(fresh), "--emptyOutDir", "--logLevel", "warn")
    run(npm, "exec", "--offline", "--", *words, cwd=ISLANDS, env=environment)
    (fresh / ".stamp").write_text(sources)
    shutil.rmtree(DIST, ignore_errors=True)
    fresh.rename(DIST)  # pages that are being served never see half a bundle


def source_digest() -> str:
    """Of everything the bundle is made from; the stylesheet also reads the Python files of the pages."""
    files = [
        path
        for path in sorted((ROOT / "frontend").rglob("*"))
        if path.suffix in SOURCES
        and not {"node_modules", "dist", "dist.new", "__pycache__"}.intersection(path.parts)
    ]
    return digest(
        part for path in files for part in (str(path.relative_to(ROOT)).encode(), path.read_bytes())
    )


def find_node() -> dict[str, str]:
    """An environment whose PATH has a Node.js that can build: the machine's, else the one from PyPI."""
    environment = dict(os.environ)
    if not can_build(environment):
        environment["PATH"] = f"{BIN}{os.pathsep}{environment['PATH']}"
        if not can_build(environment):
            say("installing Node.js from PyPI")
            install("-r", ROOT / "requirements" / "build.txt")
        # it brings its own certificates; a company's are in the machine's store
        environment["NODE_USE_SYSTEM_CA"] = "1"
    return environment


def can_build(environment: dict[str, str]) -> bool:
    """Vite wants Node.js 20.19, 22.12 or newer."""
    node = shutil.which("node", path=environment["PATH"])
    if node is None or shutil.which("npm", path=environment["PATH"]) is None:
        return False
    answer = subprocess.run([node, "--version"], check=False, capture_output=True, text=True)
    if answer.returncode != 0:
        return False
    major, minor = (int(part) for part in answer.stdout.strip().lstrip("v").split(".")[:2])
    return (major, minor) >= (22, 12) or (major == 20 and minor >= 19)


# --- browser ---


def install_browser() -> None:
    """Chromium and Chinese fonts: Debian's where we may install them, else Playwright's own browser."""
    is_there = any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        missing = [] if is_there else ["chromium"]
        if not any(Path("/usr/share/fonts").rglob("NotoSansCJK*")):
            missing.append("fonts-noto-cjk")
        if missing:
            say(f"installing {' and '.join(missing)}")
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            run("apt-get", "update", "-qq", env=environment)
            run("apt-get", "install", "-y", "-qq", *missing, env=environment, stdout=subprocess.DEVNULL)
    elif not is_there and not any((Path.home() / ".cache" / "ms-playwright").glob("chromium*")):
        say("installing Playwright's Chromium")
        run(PYTHON, "-m", "playwright", "install", "chromium")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
