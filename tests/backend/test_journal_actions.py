"""Every action that the product journals has words on the screen, and no other has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from plantwright.detection.findings import ACTION_PREFIX, FindingKind

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "frontend" / "src" / "features" / "audit" / "model" / "actionWords.ts"
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")
# The only action that is put together.
FINDINGS = {ACTION_PREFIX + kind.value for kind in FindingKind}
WRITERS = re.compile(r"(?:_?record|\w*fact)", re.IGNORECASE)


def trees() -> Iterator[ast.Module]:
    for path in sorted((ROOT / "backend" / "plantwright").rglob("*.py")):
        if path.parent.name not in {"demo", "embedded"}:
            yield ast.parse(path.read_text())


def texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and ACTION.fullmatch(part.value):
            yield part.value


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def actions_in(tree: ast.Module) -> set[str]:
    """Those of the room's constants, and those that stand where a fact is made."""
    found: set[str] = set()
    makes_facts = False
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and WRITERS.fullmatch(name_of(node)):
            makes_facts = True
            found |= {text for value in (*node.args, *(word.value for word in node.keywords)) for text in texts(value)}
    constants = [node for node in tree.body if isinstance(node, ast.Assign)]
    return found | ({text for node in constants for text in texts(node.value)} if makes_facts else set())


def written() -> set[str]:
    return set().union(*(actions_in(tree) for tree in trees()), FINDINGS)


def test_every_action_is_found_where_it_is_written() -> None:
    """What makes a fact names its action: as text, as a constant, or as what it was given under that name."""
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node) == "Fact":
                [action] = [word.value for word in node.keywords if word.arg == "action"]
                source = ast.unparse(action)
                assert (
                    list(texts(action))
                    or source == "action"
                    or source.startswith("ACTION_PREFIX + ")
                    or (source.lstrip("_").isupper())
                ), source


def test_words_and_actions_are_the_same() -> None:
    words = set(re.findall(r"^ {2}'([^']+)':", WORDS.read_text(), re.MULTILINE))
    assert len(words) >= 37
    assert written() == words
