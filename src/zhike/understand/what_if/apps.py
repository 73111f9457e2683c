from django.apps import AppConfig


class WhatIfConfig(AppConfig):
    name = "zhike.understand.what_if"
    label = "what_if"
