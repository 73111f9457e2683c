"""Who may sign in, and what whoever acts may do."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone

from zhike.errors import UserError
from zhike.govern.access.actors import NOBODY, Actor, ActorKind, acting_as
from zhike.govern.access.models import ApiToken, User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import (
    AlreadyOpened,
    Denied,
    actor_of,
    actor_of_secret,
    create_administrator,
    issue_token,
    may,
    recalled_actor,
    require,
    revoke_token,
)

PASSWORD = "ten grey herons"


@pytest.fixture
def site(home: Path) -> Client:
    return Client(SERVER_NAME="localhost")


@pytest.fixture
def administrator(home: Path) -> User:
    return create_administrator(username="admin", password=PASSWORD)


def sign_in(site: Client, password: str = PASSWORD, name: str = "admin") -> int:
    return site.post("/sign-in/", {"username": name, "password": password}).status_code


def test_the_first_visit_makes_the_administrator_and_nobody_after_it(site: Client) -> None:
    assert site.get("/").headers["Location"] == "/sign-in/?next=/"
    assert site.get("/sign-in/").headers["Location"] == "/welcome/"
    form = {"username": "wang", "password": PASSWORD, "again": PASSWORD}
    assert site.post("/welcome/", {**form, "again": "other"}).status_code == 422
    assert site.post("/welcome/", form).headers["Location"] == "/"
    assert User.objects.get().is_superuser
    assert site.get("/welcome/").headers["Location"] == "/sign-in/"
    assert site.post("/welcome/", {**form, "username": "mallory"}).headers["Location"] == "/sign-in/"
    assert User.objects.count() == 1


def test_a_weak_password_is_refused_in_words(site: Client) -> None:
    answer = site.post("/welcome/", {"username": "wang", "password": "1234567890", "again": "1234567890"})
    assert answer.status_code == 422
    assert "entirely numeric" in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_first_visits_at_once_make_one_administrator(tmp_path: Path) -> None:
    outcomes: list[str] = []

    def visit(name: str) -> None:
        try:
            create_administrator(username=name, password=PASSWORD)
            outcomes.append("made")
        except AlreadyOpened:
            outcomes.append("refused")
        finally:
            close_old_connections()

    threads = [threading.Thread(target=visit, args=(name,)) for name in ("a", "b", "c")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made", "refused", "refused"]


def test_passwords_are_kept_by_argon2(administrator: User) -> None:
    assert administrator.password.startswith("argon2$argon2id$")


def test_five_wrong_passwords_close_the_door_for_a_while(site: Client, administrator: User) -> None:
    answers = [sign_in(site, "wrong") for _ in range(6)]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert sign_in(site) == 429, "not even with the right one"
    elsewhere = Client(SERVER_NAME="localhost", REMOTE_ADDR="10.0.0.9")
    assert sign_in(elsewhere) == 302, "who guesses does not lock the administrator out elsewhere"


def test_every_page_but_the_door_needs_a_session(site: Client, administrator: User) -> None:
    for path in ("/", "/ui/", "/search/?q=a", "/governance/tokens/", "/data/jobs/", "/customers/", "/account/"):
        answer = site.get(path)
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in/"), path


def test_nobody_is_allowed_anything() -> None:
    with acting_as(NOBODY):
        assert not any(may(right) for right in Right)
        with pytest.raises(Denied, match="you may not export lists"):
            require(Right.EXPORT)


def test_a_user_without_a_role_is_shown_no_token(site: Client, administrator: User) -> None:
    clerk = User.objects.create_user("clerk", password=PASSWORD)
    assert actor_of(clerk).rights == frozenset()
    site.force_login(clerk)
    assert site.get("/governance/tokens/").status_code == 403
    assert site.post("/governance/tokens/new/", {"name": "x", "days": 5, "rights": ["export"]}).status_code == 403
    assert not ApiToken.objects.exists()


def test_a_token_opens_what_it_was_given_until_it_ends(home: Path) -> None:
    token, secret = issue_token(name="till", rights=[Right.SEND_FACTS], days=2)
    assert secret not in str(vars(ApiToken.objects.get()))
    actor = actor_of_secret(secret)
    assert actor is not None
    assert actor.rights == {Right.SEND_FACTS}
    assert actor_of_secret(secret + "x") is None
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert actor_of_secret(secret) is None
    assert recalled_actor("token", token.pk).rights == frozenset(), "nor does work that was asked for with it go on"
    other, secret = issue_token(name="till", rights=[Right.SEND_FACTS])
    revoke_token(other.pk)
    assert actor_of_secret(secret) is None


def test_nobody_gives_away_more_than_they_have(home: Path) -> None:
    some = Actor(ActorKind.USER, 1, "some", frozenset({Right.MANAGE_TOKENS, Right.EXPORT}))
    with acting_as(some):
        with pytest.raises(Denied, match="rights they lack"):
            issue_token(name="a", rights=[Right.SEE_PERSONAL_DATA])
        with pytest.raises(UserError, match="1 to 366 days"):
            issue_token(name="a", rights=[Right.EXPORT], days=1000)


def test_preferences_stay_with_the_user(site: Client, administrator: User) -> None:
    site.force_login(administrator)
    answer = site.post("/preferences/", {"language": "zh-hans", "theme": "dark", "next": "/ui/"})
    assert answer.headers["Location"] == "/ui/"
    page = site.get("/account/").content.decode()
    assert 'lang="zh-hans" data-theme="dark"' in page
    assert "密码" in page
    administrator.refresh_from_db()
    assert (administrator.language, administrator.density) == ("zh-hans", "comfortable")


def test_no_form_leads_to_another_site(site: Client, administrator: User) -> None:
    site.force_login(administrator)
    for target in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert site.post("/preferences/", {"theme": "dark", "next": target}).headers["Location"] == "/"


def test_a_form_without_its_token_is_refused(administrator: User) -> None:
    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    strict.force_login(administrator)
    assert strict.post("/preferences/", {"theme": "dark"}).status_code == 403


def test_every_answer_carries_the_headers_that_protect_it(site: Client, administrator: User) -> None:
    assert sign_in(site) == 302
    headers = site.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    cookie = site.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_an_unknown_host_is_refused(site: Client) -> None:
    assert Client(SERVER_NAME="evil.example").get("/healthz").status_code == 400


def test_a_body_that_is_too_large_is_refused_before_it_is_read(site: Client, administrator: User) -> None:
    site.force_login(administrator)
    answer = site.generic("POST", "/data/import/", b"x", "multipart/form-data; boundary=b", CONTENT_LENGTH="9" * 12)
    assert answer.status_code == 413
    assert "larger than 2,000 MB" in answer.content.decode()


def test_what_somebody_saw_is_not_kept_by_their_browser(site: Client, administrator: User) -> None:
    site.force_login(administrator)
    assert site.get("/account/").headers["Cache-Control"] == "private, no-store"


def test_only_a_unit_that_there_is_can_be_chosen(site: Client, administrator: User) -> None:
    site.force_login(administrator)
    site.post("/preferences/", {"unit": "nope", "next": "/ui/"})
    administrator.refresh_from_db()
    assert administrator.unit == ""
    administrator.unit = "gone"
    assert actor_of(administrator).unit == "", "a unit that is gone narrows nothing"


def test_a_watcher_may_ask_for_the_head_only(site: Client) -> None:
    assert site.head("/healthz").status_code == 200
