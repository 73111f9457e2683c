from django.apps import AppConfig


class ValueConfig(AppConfig):
    name = "zhike.understand.value"
    label = "value"
