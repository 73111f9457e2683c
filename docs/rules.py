"""What the reference of the rule language says of its nodes, and of what rules may name."""

from __future__ import annotations

from typing import Any

from docs.markdown import escaped, table, unit_of, with_parts


def rules() -> str:
    """The hand-written page of the rule language, with what rules may name."""
    parts = {"nodes": _nodes, "attributes": _attributes, "facts": _facts, "relations": _relations}
    return with_parts("rules.md", parts)


def _nodes() -> str:
    from zhike.rules import tree

    rows = []
    for name, part in vars(tree).items():
        if not isinstance(part, type) or not issubclass(part, tree.Node) or name in ("Node", "_node"):
            continue
        fields = dict(part.model_fields)
        node = fields.pop("node", None)
        listed = [f"`{field}`" if fields[field].is_required() else f"[`{field}`]" for field in fields]
        title = f"`{node.default}`" if node else f"({name.lower()})"
        rows.append([title, ", ".join(listed), escaped((part.__doc__ or "").split("\n")[0])])
    return table(["node", "fields [that may be left out]", "meaning"], rows)


def _attributes() -> str:
    from zhike.warehouse.attributes import registry

    known = registry().attributes.values()
    rows = [
        [
            f"`{a.name}`",
            _kind_in_rules(a.column),
            escaped(a.column.doc + unit_of(a.column)),
            "*identifies*" * a.identifies,
        ]
        for a in known
        if _kind_in_rules(a.column)
    ]
    return table(["attribute", "is", "meaning", ""], rows)


def _facts() -> str:
    from zhike.warehouse.attributes import registry

    parts = []
    for facts in registry().facts.values():
        columns = [facts.contract[name] for name in facts.columns]
        rows = [[f"`{c.name}`", _kind_in_rules(c), escaped(c.doc + unit_of(c))] for c in columns]
        parts.append(f"### {facts.name}\n\nTheir day is `{facts.day}`.\n\n" + table(["column", "is", "meaning"], rows))
    return "\n\n".join(parts)


def _relations() -> str:
    from zhike.warehouse.attributes import registry

    rows = [
        [f"`{relation.name}`", str(relation.title), ", ".join(f"`{name}`" for name in relation.columns)]
        for relation in registry().relations.values()
    ]
    return table(["relation", "who", "columns"], rows)


def _kind_in_rules(column: Any) -> str:
    from zhike.rules.checking.misfits import KIND_TITLES
    from zhike.rules.vocabulary import VALUE_KINDS

    if column.kind not in VALUE_KINDS:
        return ""
    one_of = f": {', '.join(column.one_of)}" if column.one_of else ""
    return str(KIND_TITLES[VALUE_KINDS[column.kind]]) + one_of
