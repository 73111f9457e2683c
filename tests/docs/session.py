"""Carrying out the blocks of one document, one after the other, in a folder of its own."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.docs.documents import ROOT, Block

from zhike.collect.sources.mapping import read_mapping
from zhike.installation import read_installation

LONGEST = 4000  # characters of output that are worth reading
PROGRESS = "… "  # what long work says on stderr where that is no terminal


class Session:
    """A shell and a Python that remember what earlier blocks of the document did."""

    def __init__(
        self, folder: Path, *, commands: Path, environ: Mapping[str, str], stand_ins: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self._stand_ins = stand_ins
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ZHIKE_", "DJANGO_"))},
            "PATH": f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "COLUMNS": "100",
            "PYTHONUNBUFFERED": "1",
            **environ,
        }
        self._state = folder / ".shell"
        self._state.write_text(f"cd {shlex.quote(str(folder))}\n")
        self._python: subprocess.Popen[str] | None = None
        self.done: list[Block] = []  # blocks whose outcome was as shown

    def carry_out(self, block: Block) -> None:
        """Does what the block says. Raises AssertionError where the outcome is not as shown."""
        match block.language:
            case "console":
                for command, shown in commands(block.text):
                    self._run(command, shown, block)
            case "python" if not block.title:
                self._exec(block)
            case "diff":
                self._change(block)
            case "toml":
                read_settings(block.text, self.folder)
                self._write(block)
            case "yaml":
                check_mapping(block.text, self.folder)
                self._write(block)
            case _:
                self._write(block)
        self.done.append(block)

    def close(self) -> None:
        """Ends the Python of the document."""
        if self._python is not None:
            assert self._python.stdin is not None
            self._python.stdin.close()
            self._python.wait(timeout=30)
            assert self._python.stdout is not None
            self._python.stdout.close()

    def _write(self, block: Block) -> None:
        """The file a block is the content of; one that the project ships must say the same already."""
        if not block.title:
            return
        shipped = ROOT / block.title
        if block.title.startswith("docs/"):
            assert shipped.read_text(encoding="utf-8") == block.text, (
                f"{block.where}: {block.title} says something else"
            )
            return
        target = self.folder / block.title
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block.text, encoding="utf-8")

    def _change(self, block: Block) -> None:
        """Applies a diff whose hunks are found by their context, of which there must be exactly one."""
        target = self.folder / block.title
        text = target.read_text(encoding="utf-8")
        for hunk in re.split(r"(?m)^@@.*\n", block.text):
            lines = [line or " " for line in hunk.splitlines()]
            old = "".join(line[1:] + "\n" for line in lines if line[0] in " -")
            new = "".join(line[1:] + "\n" for line in lines if line[0] in " +")
            assert text.count(old) == 1, f"{block.where}: {text.count(old)} places in {block.title} look like\n{old}"
            text = text.replace(old, new)
        target.write_text(text, encoding="utf-8")

    def _run(self, command: str, shown: str, block: Block) -> None:
        for said, meant in self._stand_ins.items():
            command = command.replace(said, meant)
        script = f". {self._state}\n{command}\ncode=$?\n{{ export -p; echo cd $(pwd); }} > {self._state}\nexit $code\n"
        done = subprocess.run(
            ["bash", "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            env=self._environ,
            cwd=self.folder,
        )
        output = "".join(line for line in done.stdout.splitlines(keepends=True) if not line.startswith(PROGRESS))
        assert done.returncode == block.exit_code, (
            f"{block.where}: {command} exits with {done.returncode}:\n{output[:LONGEST]}"
        )
        if shown.strip():
            assert is_as_shown(output, shown), f"{block.where}: {command} prints\n{output[:LONGEST]}\nand not\n{shown}"

    def _exec(self, block: Block) -> None:
        if self._python is None:
            self._python = subprocess.Popen(
                ["bash", "-c", f". {self._state}; exec namespace"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=self._environ,
                cwd=self.folder,
            )
        assert self._python.stdin is not None
        assert self._python.stdout is not None
        self._python.stdin.write(json.dumps({"where": block.where, "text": block.text}) + "\n")
        self._python.stdin.flush()
        answer = self._python.stdout.readline()
        assert answer, f"{block.where}: Python ended"
        assert not json.loads(answer), f"{block.where}:\n{json.loads(answer)}"


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Commands, which follow `$ ` and may go on after `> `, each with the output shown below it."""
    command: list[str] = []
    shown: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield "\n".join(command), "\n".join(shown)
            command, shown = [line[2:]], []
        elif line.startswith("> ") and not shown:
            command.append(line[2:])
        else:
            assert command, f"a console block begins with `$ `, not with {line!r}"
            shown.append(line)
    yield "\n".join(command), "\n".join(shown)


def is_as_shown(output: str, shown: str) -> bool:
    """Whether the output is what is shown; `…` stands for anything in a line, or for lines if alone."""
    pattern = ""
    for line in shown.strip().splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            words = [r"\s+".join(re.escape(word) for word in part.split(" ") if word) for part in line.split("…")]
            pattern += r"[ ]*" + r".*?".join(rf"\s*{word}\s*?" if word else "" for word in words) + r"[ ]*\n"
    return re.fullmatch(pattern, output.strip() + "\n") is not None


def check_mapping(text: str, folder: Path) -> None:
    """A mapping must be one that an import would take."""
    path = folder / ".mapping.yaml"
    path.write_text(text, encoding="utf-8")
    read_mapping(path)


def read_settings(text: str, folder: Path) -> None:
    """Settings must be ones that an installation understands."""
    home = folder / ".settings"
    home.mkdir(exist_ok=True)
    tomllib.loads(text)
    (home / "zhike.toml").write_text(text, encoding="utf-8")
    read_installation({"ZHIKE_HOME": str(home)})
