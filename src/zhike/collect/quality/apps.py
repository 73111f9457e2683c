from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.db.models.signals import post_migrate


class QualityConfig(AppConfig):
    name = "zhike.collect.quality"
    label = "quality"

    def ready(self) -> None:
        post_migrate.connect(bring_library, sender=self, dispatch_uid="library of quality rules")


def bring_library(apps: Any = installed_apps, **_named: Any) -> None:
    """Brings the rules that come with Zhike into a database that is set up or upgraded.

    Migrations name the state they have reached in `apps`; one that stops at an earlier state is left as it is.
    """
    from zhike.collect.quality.defining.shipped import install_library
    from zhike.collect.quality.models import QualityRule, QualityRuleVersion

    for model in (QualityRule, QualityRuleVersion):
        try:
            reached = apps.get_model("quality", model.__name__)
        except LookupError:
            return
        if {field.name for field in reached._meta.fields} != {field.name for field in model._meta.fields}:
            return
    install_library()
