from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "zhike.collect.inbox"
    label = "inbox"
