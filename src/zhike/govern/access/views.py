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
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from zhike.errors import UserError
from zhike.govern.access.forms import PreferenceForm, SignInForm, TokenForm, WelcomeForm
from zhike.govern.access.models import ApiToken, User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import create_administrator, is_opened, issue_token, require, revoke_token
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


@require_GET
def tokens(request: HttpRequest) -> HttpResponse:
    """The API tokens, and the form for a new one."""
    require(Right.MANAGE_TOKENS)
    return _tokens(request, TokenForm())


@require_POST
def new_token(request: HttpRequest) -> HttpResponse:
    """Issues a token and shows its secret this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _tokens(request, form, status=422)
    token, secret = issue_token(
        name=form.cleaned_data["name"],
        rights=[Right(name) for name in form.cleaned_data["rights"]],
        days=form.cleaned_data["days"],
    )
    return _tokens(request, TokenForm(), token=token, secret=secret)


@require_POST
def remove_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Revokes a token."""
    token = revoke_token(token_id)
    toast(request, _("The token “%(name)s” is revoked.") % {"name": token.name})
    return redirect("tokens")


def _tokens(request: HttpRequest, form: TokenForm, *, status: int = 200, **more: object) -> HttpResponse:
    context = {"tokens": ApiToken.objects.select_related("issued_by"), "form": form, "now": timezone.now(), **more}
    return render(request, "access/tokens.html", context, status=status)
