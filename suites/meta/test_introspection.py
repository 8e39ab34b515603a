"""query-qmp-schema as a person reads it."""

from __future__ import annotations

from fixtures.subject.introspection import Introspection

SCHEMA: list[dict[str, object]] = [
    {"name": "copy", "meta-type": "command", "arg-type": "0", "ret-type": "3", "features": ["deprecated"]},
    {"name": "GONE", "meta-type": "event", "arg-type": "3"},
    {
        "name": "0",
        "meta-type": "object",
        "members": [
            {"name": "sync", "type": "1"},
            {"name": "bitmap", "type": "str", "default": None, "features": ["unstable"]},
            {"name": "bitmap-mode", "type": "str"},
            {"name": "options", "type": "2"},
            {"name": "steps", "type": "[2]", "default": None},
        ],
    },
    {"name": "1", "meta-type": "enum", "members": [{"name": "top"}, {"name": "full", "features": ["unstable"]}]},
    {
        "name": "2",
        "meta-type": "object",
        "tag": "kind",
        "members": [{"name": "kind", "type": "1"}],
        "variants": [{"case": "top", "type": "4"}],
    },
    {"name": "[2]", "meta-type": "array", "element-type": "2"},
    {"name": "3", "meta-type": "object", "members": []},
    {"name": "4", "meta-type": "object", "members": [{"name": "below", "type": "5"}]},
    {"name": "5", "meta-type": "alternate", "members": [{"type": "2"}, {"type": "str"}]},
    {"name": "str", "meta-type": "builtin", "json-type": "string"},
]


def test_a_command() -> None:
    """Types are written out, what is optional or has a feature says so, and what contains itself has an end."""
    union = ["kind: full (unstable) | top", "kind=top: below: the same as above or str"]
    assert Introspection(SCHEMA).command("copy") == [
        "copy (deprecated)",
        "  sync: full (unstable) | top",
        "  bitmap (optional, unstable): str",
        "  bitmap-mode: str",
        "  options: object",
        *(f"    {line}" for line in union),
        "  steps (optional): list of object",
        *(f"    {line}" for line in union),
    ]


def test_some_members_of_a_command() -> None:
    """What a dialect is responsible for does not show whether the base deprecates the command, nor an order."""
    lines = Introspection(SCHEMA).command("copy", frozenset({"sync", "bitmap"}))
    assert lines == ["copy", "  bitmap (optional, unstable): str", "  sync: full (unstable) | top"]


def test_tags_of_a_list() -> None:
    """The branches of a union are told by their tags."""
    assert Introspection(SCHEMA).branches("copy", "steps") == ["full (unstable)", "top"]


def test_a_digest_is_of_all_that_is_told() -> None:
    """A feature of a value, a returned member or a default changes it; another number of a type does not."""
    assert Introspection(SCHEMA).names == ["GONE", "copy"]
    known = Introspection(SCHEMA).fingerprint("copy")
    renumbered = [{k: "one" if v == "1" else v for k, v in entity.items()} for entity in SCHEMA[:1]] + SCHEMA[1:]
    assert Introspection(renumbered).fingerprint("copy") == known
    plain = [
        entity | ({"members": [{"name": "top"}, {"name": "full"}]} if entity["name"] == "1" else {})
        for entity in SCHEMA
    ]
    assert Introspection(plain).fingerprint("copy") != known
    returns = [entity | ({"ret-type": "4"} if entity["name"] == "copy" else {}) for entity in SCHEMA]
    assert Introspection(returns).fingerprint("copy") != known
