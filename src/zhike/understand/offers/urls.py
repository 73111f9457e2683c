"""Addresses of offers and of the rule base."""

from __future__ import annotations

from django.urls import path

from zhike.ui.unpublished import when_published
from zhike.understand.offers.pages import rules
from zhike.understand.offers.pages.views import NextBestOffers, Offered

urlpatterns = [
    path("insight/offers/", when_published(NextBestOffers.as_view()), name="offers"),
    path("insight/offers/customers/", when_published(Offered.as_view()), name="offered"),
    path("insight/offers/rules/", rules.OfferRules.as_view(), name="offer_rules"),
    path("insight/offers/rules/new/", rules.offer_rule_page, name="new_offer_rule"),
    path("insight/offers/rules/<int:rule_id>/", rules.offer_rule_page, name="offer_rule"),
    path("insight/offers/rules/<int:rule_id>/switch/", rules.switch, name="switch_offer_rule"),
    path("insight/offers/rules/<int:rule_id>/archive/", rules.archive, name="archive_offer_rule"),
    path("insight/offers/rules/<int:rule_id>/restore/", rules.restore, name="restore_offer_rule"),
]
