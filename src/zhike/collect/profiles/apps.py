from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    name = "zhike.collect.profiles"
    label = "profiles"
