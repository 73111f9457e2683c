from typing import Any

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "zhike.operate.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from zhike.warehouse.signals import refresh_published

        def announce(**named: Any) -> None:
            # Loaded when it is needed: every command would wait for an HTTP client that few use.
            from zhike.operate.webhooks.services import announce_refresh

            announce_refresh(**named)

        refresh_published.connect(announce, dispatch_uid="webhooks", weak=False)
