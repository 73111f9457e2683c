"""Addresses of data quality."""

from __future__ import annotations

from django.urls import path

from zhike.collect.quality.pages import board, reviews, rules, work
from zhike.ui.unpublished import when_published

urlpatterns = [
    path("quality/", when_published(board.QualityBoard.as_view()), name="quality"),
    path("quality/customers/", board.quality_customers, name="quality_customers"),
    path("quality/rules/", when_published(rules.Rules.as_view()), name="quality_rules"),
    path("quality/new-rule/", rules.edit_rule, name="new_quality_rule"),
    path("quality/rules/<slug:name>/", rules.quality_rule, name="quality_rule"),
    path("quality/rules/<slug:name>/edit/", rules.edit_rule, name="edit_quality_rule"),
    path("quality/rules/<slug:name>/retire/", rules.retire, name="retire_quality_rule"),
    path("quality/rules/<slug:name>/restore/", rules.restore, name="restore_quality_rule"),
    path("quality/reviews/", reviews.Reviews.as_view(), name="reviews"),
    path("quality/new-review/", reviews.new_review, name="new_review"),
    path("quality/reviews/<int:campaign_id>/", reviews.review, name="review"),
    path("quality/reviews/<int:campaign_id>/my-work/", work.work, name="review_work"),
    path("quality/reviews/<int:campaign_id>/close/", reviews.close, name="close_review"),
    path("quality/reviews/<int:campaign_id>/reopen/", reviews.reopen, name="reopen_review"),
    path("quality/reviewed/<int:item_id>/back/", work.back, name="take_back_review"),
    path("quality/departed/", when_published(reviews.DepartedAgents.as_view()), name="departed_agents"),
]
