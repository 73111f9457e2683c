"""The page on which a sample of customers is looked at one by one: is the tag right of them?"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may, require
from zhike.rules.vocabulary import TagKind
from zhike.ui.templatetags.formats import number
from zhike.ui.toasts import toast, warn
from zhike.ui.typed import whole_number
from zhike.ui.unpublished import when_published
from zhike.understand.tags.circles import value_seen
from zhike.understand.tags.explaining.why import why
from zhike.understand.tags.explaining.words import answered
from zhike.understand.tags.models import TagReview
from zhike.understand.tags.pages.page import head
from zhike.understand.tags.proving.sampling import WITHOUT, draw_sample, record_review, version_reviewed
from zhike.understand.tags.queries import tag_page
from zhike.understand.tags.wording.called import customer_name
from zhike.understand.tags.wording.titles import TagTitle, titles_of

USUAL_SIZE = 30


@require_http_methods(["GET", "POST"])
@when_published
def review(request: HttpRequest, name: str) -> HttpResponse:
    """The next customer of the sample; a verdict leads to the one after them."""
    if not may(Right.DEFINE_TAGS):
        require(Right.SET_TAGS)
    if request.method == "POST":
        try:
            _draw(request, name) if "draw" in request.POST else _judge(request)
        except UserError as error:
            warn(request, f"{error.message} {error.advice}".strip())
        return redirect("review_tag", name)
    version = version_reviewed(name)
    reviews = TagReview.objects.filter(version=version)
    waiting = reviews.filter(verdict="").order_by("pk").first()
    context = {
        "tag": head(tag_page(name)),
        "drawn_count": reviews.count(),
        "done_count": reviews.exclude(verdict="").count(),
        "may_draw": may(Right.DEFINE_TAGS),
        "may_judge": may(Right.SET_TAGS),
        "size": USUAL_SIZE,
    }
    if waiting is not None:
        context |= _asked(waiting, titles_of(version))
    return render(request, "tags/review.html", context)


def _asked(waiting: TagReview, title: TagTitle) -> dict[str, Any]:
    kind = TagKind(waiting.tag.kind)
    value = str(value_seen(waiting.tag.name, waiting.value))
    said = _("has it not") if waiting.value == WITHOUT else title.value(value)
    truths = [(value, words) for value, words in title.values.items() if value != waiting.value]
    return {
        "review": {
            "review_id": waiting.pk,
            "customer_id": waiting.customer_id,
            "customer": customer_name(waiting.customer_id),
            "said": said,
            "is_without": waiting.value == WITHOUT,
        },
        "truths": truths,
        "asks_truth": kind != TagKind.YES_NO,
        "why": answered(why(tag=waiting.tag.name, customer_id=waiting.customer_id)),
    }


def _draw(request: HttpRequest, name: str) -> None:
    size = request.POST.get("size", "")
    drawn = draw_sample(tag=name, size=USUAL_SIZE if (asked := whole_number(size)) is None else asked)
    words = ngettext("%(count)s customer is drawn.", "%(count)s customers are drawn.", len(drawn))
    toast(request, words % {"count": number(len(drawn))})


def _judge(request: HttpRequest) -> None:
    wanted = request.POST.get("review", "")
    verdict = request.POST.get("verdict", "")
    truth = request.POST.get("truth", "") if verdict == TagReview.Verdict.WRONG else ""
    record_review(review_id=whole_number(wanted) or 0, verdict=verdict, truth=truth)
