"""Rules become typed trees; frozen lists and the history of sizes are added."""

import json
import re

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

# The rule language before there was a grammar: conditions on tags, all of which must hold. Kept here for ever.
CONDITION = re.compile(
    r"""\s*(?P<negated>not\s+)?(?:has\s+tag\s+)?(?:(?P<q1>["'])(?P<quoted>[^"']+)(?P=q1)|(?P<tag>[\w-]+))"""
    r"""(?:\s*=\s*(?:(?P<q2>["'])(?P<value>[^"']*)(?P=q2)|(?P<word>[\w-]+)))?(?=\s|$)\s*""",
    re.IGNORECASE,
)
AND = re.compile(r"and\b", re.IGNORECASE)
UNREADABLE = "Its rule could not be read when rules were given a grammar: "


def tree_of(text):
    """The tree of a rule as it was stored then; None where it cannot be read."""
    conditions = []
    place = 0
    while True:
        found = CONDITION.match(text, place)
        if found is None:
            return None
        value = found["value"] if found["value"] is not None else found["word"]
        condition = {
            "node": "has_tag",
            "tag": found["quoted"] or found["tag"],
            "values": [] if value is None else [value],
        }
        conditions.append({"node": "not", "of": condition} if found["negated"] else condition)
        place = found.end()
        if place == len(text):
            return conditions[0] if len(conditions) == 1 else {"node": "all", "of": conditions}
        joined = AND.match(text, place)
        if joined is None:
            return None
        place = joined.end()


def rules_to_trees(apps, editor):
    for audience in apps.get_model("audiences", "Audience").objects.using(editor.connection.alias):
        tree = tree_of(audience.rule)
        if tree is None:  # kept with its text, and put aside until somebody writes it anew
            audience.note = f"{audience.note}\n{UNREADABLE}{audience.rule}".strip()
            audience.archived_at = audience.archived_at or django.utils.timezone.now()
            tree = {"node": "has_tag", "tag": "unreadable", "values": []}
        audience.tree = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
        audience.save(update_fields=["tree", "note", "archived_at"])


class Migration(migrations.Migration):
    dependencies = [("audiences", "0001_initial")]

    operations = [
        migrations.AddField("audience", "tree", models.TextField(default=""), preserve_default=False),
        migrations.RunPython(rules_to_trees),
        migrations.RemoveField("audience", "rule"),
        migrations.AddField(
            "audience",
            "kind",
            models.CharField(choices=[("live", "live"), ("frozen", "frozen")], default="live", max_length=10),
        ),
        migrations.AddField("audience", "revision", models.PositiveIntegerField(default=1)),
        migrations.CreateModel(
            name="FrozenList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rule", models.TextField()),
                ("origin", models.JSONField(default=dict)),
                ("refresh_id", models.BigIntegerField()),
                ("as_of", models.DateField()),
                ("unit", models.CharField(blank=True, max_length=200)),
                ("members", models.BinaryField()),
                ("size", models.PositiveBigIntegerField()),
                ("of_customers", models.PositiveBigIntegerField()),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(blank=True, max_length=150)),
                ("frozen_at", models.DateTimeField()),
                (
                    "audience",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="frozen", to="audiences.audience"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="frozen_lists",
                        to="audiences.audience",
                    ),
                ),
            ],
            options={"ordering": ["-pk"]},
        ),
        migrations.CreateModel(
            name="AudienceFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("refresh_id", models.BigIntegerField()),
                ("as_of", models.DateField()),
                ("size", models.PositiveBigIntegerField()),
                ("of_customers", models.PositiveBigIntegerField()),
                ("rule_digest", models.CharField(max_length=64)),
                (
                    "audience",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="figures", to="audiences.audience"
                    ),
                ),
            ],
            options={
                "ordering": ["refresh_id"],
                "constraints": [
                    models.UniqueConstraint(fields=("audience", "refresh_id"), name="audience_counted_once_per_refresh")
                ],
            },
        ),
    ]
