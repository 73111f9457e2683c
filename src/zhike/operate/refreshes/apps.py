from django.apps import AppConfig


class RefreshesConfig(AppConfig):
    name = "zhike.operate.refreshes"
    label = "refreshes"
