"""Sign-in, the first visit, what a user chose, and API tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from zhike.errors import UserError
from zhike.govern.access.forms import PreferenceForm, SignInForm, TokenForm, WelcomeForm
from zhike.govern.access.models import ApiToken, User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import create_administrator, is_opened, issue_token, require, revoke_token
from zhike.ui.lists import TableView
from zhike.ui.tables import Column, Kind, Query, Table, TablePage, page_of
from zhike.ui.toasts import toast
from zhike.ui.views import next_url


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """Sign-in; on the very first visit, the page that creates the administrator instead."""

    template_name = "access/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Leads to the first visit's page where nobody can sign in yet."""
        return super().dispatch(request, *args, **kwargs) if is_opened() else redirect("welcome")


@login_not_required
@sensitive_post_parameters("password", "again")
def welcome(request: HttpRequest) -> HttpResponse:
    """The first visit: creates the administrator, and nobody else, ever."""
    if is_opened():
        return redirect("sign_in")
    form = WelcomeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = create_administrator(
                    username=form.cleaned_data["username"],
                    password=form.cleaned_data["password"],
                    language=get_language() or "",
                )
            except UserError as error:
                form.add_error("password", error.message)
            else:
                login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
                return redirect("today")
    return render(request, "access/welcome.html", {"form": form}, status=status)


def locked_out(
    request: HttpRequest, _response: object = None, _credentials: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Says that there were too many wrong passwords, and when to try again."""
    minutes = round(settings.AXES_COOLOFF_TIME.total_seconds() / 60)
    return render(request, "access/locked_out.html", {"minutes": minutes}, status=429)


@login_not_required
@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Remembers the language, look, density or org unit that was chosen."""
    response = redirect(next_url(request))
    language = request.POST.get("language", "")
    user = request.user
    if isinstance(user, User):
        form = PreferenceForm({**_preferences(user), **request.POST.dict()}, instance=user)
        if form.is_valid():
            form.save()
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


def _preferences(user: User) -> dict[str, str]:
    return {name: getattr(user, name) for name in PreferenceForm.Meta.fields}


@sensitive_post_parameters()
def account(request: HttpRequest) -> HttpResponse:
    """Who I am, and a new password."""
    assert isinstance(request.user, User)
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        toast(request, _("The password is changed. Other sessions are signed out."))
        return redirect("account")
    return render(request, "access/account.html", {"form": form}, status=422 if form.errors else 200)


TOKENS = Table(
    name="tokens",
    title=gettext_lazy("API tokens"),
    columns=(
        Column("name", gettext_lazy("Name"), is_filterable=True, leads_to="url"),
        Column("prefix", gettext_lazy("Begins with"), is_sortable=False),
        Column(
            "state",
            gettext_lazy("State"),
            Kind.CHOICE,
            (
                ("valid", gettext_lazy("valid")),
                ("expired", gettext_lazy("expired")),
                ("revoked", gettext_lazy("revoked")),
            ),
            is_sortable=False,
            marks={"valid": "good"},
        ),
        Column("issued_at", gettext_lazy("Issued"), Kind.DATE),
        Column("expires_at", gettext_lazy("Expires"), Kind.DATE),
        Column("last_used_on", gettext_lazy("Last used"), Kind.DATE),
    ),
    sort="issued_at",
    is_descending=True,
    empty=gettext_lazy("Issue one for each program that sends facts or reads customers."),
)


class Tokens(TableView):
    """The API tokens, newest first."""

    table = TOKENS
    template_name = "access/tokens.html"

    def page(self, query: Query) -> TablePage:
        """The tokens asked for."""
        require(Right.MANAGE_TOKENS)
        return page_of(ApiToken.objects.all(), query, _token_row)


def _token_row(token: ApiToken) -> dict[str, Any]:
    return {
        "name": token.name,
        "prefix": f"{token.prefix}…",
        "state": _token_state(token),
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "last_used_on": token.last_used_on,
        "url": reverse("token", args=[token.pk]),
    }


def _token_state(token: ApiToken) -> str:
    if token.revoked_at:
        return "revoked"
    return "valid" if token.is_valid(timezone.now()) else "expired"


def new_token(request: HttpRequest) -> HttpResponse:
    """The form for a token; once it is issued, its secret, this once."""
    require(Right.MANAGE_TOKENS)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        token, secret = issue_token(
            name=form.cleaned_data["name"],
            rights=[Right(name) for name in form.cleaned_data["rights"]],
            days=form.cleaned_data["days"],
        )
        return render(request, "access/token.html", {**_token(token), "secret": secret})
    return render(request, "access/new_token.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def token(request: HttpRequest, token_id: int) -> HttpResponse:
    """One token: what it may do, since when, and until when."""
    require(Right.MANAGE_TOKENS)
    return render(request, "access/token.html", _token(get_object_or_404(ApiToken, pk=token_id)))


def _token(token: ApiToken) -> dict[str, Any]:
    return {
        "token": token,
        "state": _token_state(token),
        "state_words": TOKENS.columns[2].label(_token_state(token)),
        "rights": [Right(name).label for name in token.rights],
    }


@require_POST
def remove_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revokes a token."""
    token = revoke_token(token_id)
    toast(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("token", token_id)
