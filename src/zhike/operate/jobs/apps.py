from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "zhike.operate.jobs"
    label = "jobs"
