from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "zhike.collect.identity"
    label = "identity"
