from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "zhike.operate.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from zhike.operate.webhooks.services import announce_refresh
        from zhike.warehouse.signals import refresh_published

        refresh_published.connect(announce_refresh, dispatch_uid="webhooks")
