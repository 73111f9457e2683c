from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "zhike.understand.retention"
    label = "retention"
