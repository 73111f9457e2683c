from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "zhike.govern.access"
    label = "access"
