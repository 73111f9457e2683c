from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.db import transaction
from django.db.models.signals import post_migrate


class TagsConfig(AppConfig):
    name = "zhike.understand.tags"
    label = "tags"

    def ready(self) -> None:
        from zhike.warehouse.signals import refresh_published

        post_migrate.connect(bring_library, sender=self, dispatch_uid="library of tags")
        refresh_published.connect(count_tags, dispatch_uid="figures of tags")


def bring_library(apps: Any = installed_apps, **_named: Any) -> None:
    """Brings the library into a database that is set up, upgraded or emptied, unless it stops at an earlier state.

    Migrations name the state they have reached in `apps`; where a database was emptied, it is that of the code.
    """
    from zhike.understand.tags.defining.shipped import install_library
    from zhike.understand.tags.models import Tag, TagVersion

    try:
        apps.get_model("audiences", "Audience")
        migrated = {model: apps.get_model("tags", model.__name__) for model in (Tag, TagVersion)}
    except LookupError:
        return
    if all(
        {one.name for one in model._meta.fields} == {one.name for one in m._meta.fields}
        for model, m in migrated.items()
    ):
        install_library()


def count_tags(**_refresh: Any) -> None:
    """Keeps how many have which tag, once a refresh is in force: after the commit, and whatever becomes of it."""

    def record() -> None:
        from zhike.understand.tags.proving.figures import record_quietly

        record_quietly()

    transaction.on_commit(record, robust=True)
