"""Pages of sources, imports and refreshes; the way from a file to an import."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from zhike.collect.sources.drafts import clean_uploads
from zhike.collect.sources.models import Import, Source, Upload
from zhike.collect.sources.queries import rejected_rows
from zhike.collect.sources.services import add_source, import_file
from zhike.collect.sources.words import REASONS, in_words
from zhike.govern.access.actors import NOBODY, OPERATOR, Actor, ActorKind, acting_as
from zhike.govern.access.models import User
from zhike.govern.access.rights import Right
from zhike.govern.access.services import create_administrator
from zhike.operate.jobs.models import Job
from zhike.operate.jobs.services import run_job
from zhike.warehouse.services import run_refresh

PEOPLE = """\
客户编号,姓名,手机,生日
1,王一,13800000001,1980-05-01
2,王二,13800000002,1990-06-02
3,王三,13800000003,soon
,王四,,
5,王五
"""


@pytest.fixture
def steward(home: Path) -> User:
    """Somebody who may do everything."""
    return create_administrator(username="lin", password="rain over the lotus pond", language="en")


@pytest.fixture
def visitor(steward: User) -> Iterator[Client]:
    """A window of the steward; what a page does, it does as whoever signed in."""
    with acting_as(NOBODY):
        yield window(steward)


@pytest.fixture
def stranger(steward: User) -> Client:
    """A window of somebody who signed in and may do nothing."""
    return window(User.objects.create_user(username="wei", language="en"))


def window(user: User) -> Client:
    client = Client()
    client.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return client


def handed_in(content: str | bytes = PEOPLE, name: str = "people.csv", **form: str) -> dict[str, Any]:
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return {"file": file, "entity": "source_records", "new_source": "shop", "lawful_basis": "contract", **form}


def begin(visitor: Client, *arguments: Any, **form: str) -> Upload:
    response = visitor.post("/data/import/", handed_in(*arguments, **form))
    assert response.status_code == 302, text(response)
    return Upload.objects.latest("created_at")


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def stored(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "uploads").rglob("*") if path.is_file())


def imported(tmp_path: Path, content: str = PEOPLE) -> Import:
    path = tmp_path / "people.csv"
    path.write_text(content, encoding="utf-8")
    with acting_as(OPERATOR):
        result = import_file(path, entity="source_records", source="shop")
    assert result.import_id is not None
    return Import.objects.get(pk=result.import_id)


def choices(upload: Upload, **changes: str) -> dict[str, str]:
    columns = {name: f"column:{value}" for name, value in upload.mapping["columns"].items()}
    return {f"from.{name}": value for name, value in {**columns, **changes}.items()}


def test_a_file_becomes_an_import_step_by_step(visitor: Client, home: Path) -> None:
    upload = begin(visitor)
    assert upload.mapping["columns"] == {"customer_key": "客户编号", "name": "姓名", "phone": "手机", "born_on": "生日"}
    assert "王一 · 王二 · 王三" in text(visitor.get(f"/data/import/{upload.pk}/mapping/"))
    assert visitor.post(f"/data/import/{upload.pk}/mapping/", choices(upload)).headers["Location"].endswith("/preview/")
    page = text(visitor.get(f"/data/import/{upload.pk}/preview/"))
    assert "is not a date such as 2026-01-31" in page
    assert "ragged row: 2 fields where the header has 4" in page
    assert not Import.objects.exists()
    answer = visitor.post(f"/data/import/{upload.pk}/run/")
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/data/jobs/{job.pk}/"
    assert run_job(job.pk).state == Job.State.FINISHED
    record = Import.objects.get()
    assert (record.read_count, record.accepted_count, record.rejected_count) == (5, 2, 3)
    assert Source.objects.get().lawful_basis == "contract"
    result = text(visitor.get(f"/data/imports/{record.pk}/"))
    assert "soon" in result
    assert "people.csv" in result
    clean_uploads()
    assert stored(home) == []


def test_a_mapping_that_lacks_a_needed_column_says_so_and_is_kept(visitor: Client) -> None:
    upload = begin(visitor)
    answer = visitor.post(f"/data/import/{upload.pk}/mapping/", choices(upload, customer_key="", city="column:姓名"))
    assert answer.status_code == 422
    assert "Choose where it is taken from." in text(answer)
    upload.refresh_from_db()
    assert upload.mapping["columns"]["city"] == "姓名"
    assert visitor.get(f"/data/import/{upload.pk}/preview/").status_code == 422


def test_days_that_can_be_read_two_ways_are_asked_for(visitor: Client) -> None:
    upload = begin(visitor, "customer_key,born_on\n1,02/03/1980\n")
    assert "Say how the days are written." in text(visitor.get(f"/data/import/{upload.pk}/mapping/"))
    visitor.post(f"/data/import/{upload.pk}/mapping/", {**choices(upload), "format.born_on": "%d/%m/%Y"})
    assert "2 Mar 1980" in text(visitor.get(f"/data/import/{upload.pk}/preview/"))


def test_what_the_form_cannot_say_of_a_remembered_mapping_stays(visitor: Client) -> None:
    joined = {"entity": "source_records", "columns": {"customer_key": "no", "name": {"join": ["a", "b"], "with": ""}}}
    Source.objects.create(name="shop", mappings={"source_records": joined})
    upload = begin(visitor, "no,a,b\n1,王,一\n", source="shop", new_source="")
    assert "a + b set together" in text(visitor.get(f"/data/import/{upload.pk}/mapping/"))
    visitor.post(
        f"/data/import/{upload.pk}/mapping/",
        {"from.customer_key": "column:no", "from.name": "kept", "from.kind": "constant:organisation"},
    )
    upload.refresh_from_db()
    assert upload.mapping["columns"] == {
        "customer_key": "no",
        "kind": {"constant": "organisation"},
        "name": {"join": ["a", "b"], "with": ""},
    }
    assert "王一" in text(visitor.get(f"/data/import/{upload.pk}/preview/"))


def test_a_file_in_another_encoding_is_read_again_when_it_is_stated(visitor: Client) -> None:
    upload = begin(visitor, PEOPLE.encode("gb18030"))
    assert upload.found["form"]["encoding"] == "gb18030"
    visitor.post(f"/data/import/{upload.pk}/mapping/", {**choices(upload), "encoding": "latin-1"})
    upload.refresh_from_db()
    assert upload.mapping["format"] == {"encoding": "latin-1"}
    assert "姓名" not in upload.found["columns"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"%PDF-1.7 hello", "is a PDF document"), (b"a,a\n1,2\n", "several columns are called"), (b"\0\1\2\3", "binary")],
)
def test_a_bad_file_is_refused_in_words_and_nothing_of_it_stays(
    visitor: Client, home: Path, content: bytes, said: str
) -> None:
    answer = visitor.post("/data/import/", handed_in(content))
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'value="shop"' in answer.content.decode()
    assert stored(home) == []
    assert not Upload.objects.exists()


def test_a_file_above_the_limit_is_refused(visitor: Client, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ZHIKE", replace(settings.ZHIKE, upload_limit=10))
    answer = visitor.post("/data/import/", handed_in())
    assert answer.status_code == 413
    assert "is larger than" in text(answer)
    assert stored(home) == []


def test_a_file_that_is_not_recognised_is_taken_in_the_encoding_that_is_stated(visitor: Client) -> None:
    odd = b"id,name\n1," + b"\xed\xa0\x80\xff\n"
    refused = visitor.post("/data/import/", handed_in(odd))
    assert refused.status_code == 422
    assert 'name="encoding"' in refused.content.decode()
    assert visitor.post("/data/import/", {**handed_in(odd), "encoding": "latin-1"}).status_code == 302
    assert Upload.objects.get().mapping["format"] == {"encoding": "latin-1"}


def test_an_encoding_that_there_is_not_is_refused_in_words(visitor: Client) -> None:
    upload = begin(visitor, PEOPLE.encode())
    answer = visitor.post(f"/data/import/{upload.pk}/mapping/", {**choices(upload), "encoding": "nope"})
    assert answer.status_code == 422
    assert "nope" in text(answer)


@pytest.mark.parametrize("form", [{"new_source": ""}, {"new_source": "my shop"}, {"entity": "cats"}, {"entity": ""}])
def test_an_unclear_upload_is_asked_about(visitor: Client, form: dict[str, str]) -> None:
    assert visitor.post("/data/import/", handed_in(**form)).status_code == 422
    assert not Upload.objects.exists()


def test_a_name_cannot_lead_out_of_the_home(visitor: Client, home: Path) -> None:
    upload = begin(visitor, PEOPLE, "../../../evil.csv")
    assert upload.file.resolve().is_relative_to(home / "uploads")


def test_an_upload_is_seen_by_its_owner_only_and_can_be_discarded(
    visitor: Client, stranger: Client, home: Path
) -> None:
    upload = begin(visitor)
    assert "people.csv" in text(visitor.get("/data/imports/"))
    assert stranger.get(f"/data/import/{upload.pk}/mapping/").status_code != 200
    assert stranger.post(f"/data/import/{upload.pk}/discard/").status_code != 302
    visitor.post(f"/data/import/{upload.pk}/discard/")
    assert stored(home) == []
    assert "no longer there" in text(visitor.get(f"/data/import/{upload.pk}/mapping/"))


def test_uploads_that_nobody_takes_up_are_removed_after_a_week(visitor: Client, home: Path) -> None:
    begin(visitor)
    clean_uploads()
    assert stored(home) == ["people.csv"]
    Upload.objects.update(created_at=timezone.now() - timedelta(days=8))
    clean_uploads()
    assert stored(home) == []


def test_an_import_that_failed_can_be_mended(visitor: Client, home: Path) -> None:
    upload = begin(visitor)
    visitor.post(f"/data/import/{upload.pk}/run/")
    Job.objects.update(state=Job.State.FAILED, error="the disk is full")
    clean_uploads()
    assert "the disk is full" in text(visitor.get("/data/imports/"))
    assert visitor.get(f"/data/import/{upload.pk}/preview/").status_code == 200


def test_while_it_is_imported_an_upload_is_not_offered_again(visitor: Client) -> None:
    upload = begin(visitor)
    visitor.post(f"/data/import/{upload.pk}/run/")
    assert visitor.post(f"/data/import/{upload.pk}/run/").status_code == 404
    assert Job.objects.count() == 1


def test_a_preview_of_a_large_file_tries_its_beginning(visitor: Client) -> None:
    rows = "".join(f"{number},name {number}\n" for number in range(1, 5001))
    upload = begin(visitor, f"customer_key,name\n{rows}")
    assert "The first 2,000 rows were tried out." in text(visitor.get(f"/data/import/{upload.pk}/preview/"))


def test_columns_with_faults_stand_first_in_the_preview(visitor: Client) -> None:
    upload = begin(visitor)
    page = text(visitor.get(f"/data/import/{upload.pk}/preview/"))
    assert "Row customer_key born_on name phone" in page


def test_a_file_that_was_imported_before_is_recognised(visitor: Client, tmp_path: Path) -> None:
    record = imported(tmp_path)
    upload = begin(visitor, source="shop", new_source="")
    assert f"as import {record.pk} : importing" in text(visitor.get(f"/data/import/{upload.pk}/preview/"))


def test_rejects_are_masked_for_who_may_not_see_personal_data(visitor: Client, tmp_path: Path) -> None:
    record = imported(tmp_path)
    clerk = Actor(ActorKind.USER, 2, "clerk", frozenset({Right.IMPORT}))
    with acting_as(clerk):
        faults = [fault for _number, found in rejected_rows(record, limit=9) for fault in found]
    assert faults == [
        ("born_on", "s•••", "is not a date such as 2026-01-31"),
        ("customer_key", "", "is required and empty"),
        ("", "•••", "ragged row: 2 fields where the header has 4"),
    ]


def test_rejects_can_be_downloaded(visitor: Client, tmp_path: Path) -> None:
    record = imported(tmp_path)
    answer = visitor.get(f"/data/imports/{record.pk}/rejects.csv")
    assert b"soon" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    answer.close()


def test_a_mended_file_of_rejects_can_be_uploaded(visitor: Client, tmp_path: Path) -> None:
    record = imported(tmp_path)
    answer = visitor.get(f"/data/imports/{record.pk}/rejects.csv")
    mended = b"".join(answer.streaming_content).replace(b"soon", b"1999-01-01")  # type: ignore[attr-defined]
    answer.close()
    upload = begin(visitor, mended, source="shop", new_source="")
    assert "1 Jan 1999" in text(visitor.get(f"/data/import/{upload.pk}/preview/"))


def test_every_reason_an_import_can_give_has_words() -> None:
    given = {
        "is required and empty",
        "born_on: is not a date such as 2026-01-31",
        "amount: is less than 0",
        "kind: is not one of person, organisation",
        "currency: is not CNY: convert the amounts before, or in the mapping",
        "ragged row: 7 fields where the header has 9",
        "status: cancelled",
    }
    assert {reason for reason in given if in_words(reason) != reason} == set()
    assert len(REASONS) == len({pattern for pattern, _words in REASONS})


def test_lists_show_what_there_is(visitor: Client, tmp_path: Path) -> None:
    assert "Import a file" in text(visitor.get("/data/imports/"))
    imported(tmp_path)
    page = visitor.get("/data/imports/?state=finished&entity=source_records&source=shop")
    assert "1 row" in text(page)
    assert "Nothing matches" in text(visitor.get("/data/imports/?state=failed"))
    assert "not stated: quarantined" in text(visitor.get("/data/sources/"))


def test_a_source_is_added_and_changed(visitor: Client) -> None:
    form = {"name": "desk", "title": "前台", "owner_unit": "B01", "lawful_basis": "consent", "priority": "5"}
    assert visitor.post("/data/new-source/", form).headers["Location"] == "/data/sources/desk/"
    assert visitor.post("/data/new-source/", form).status_code == 422
    assert visitor.post("/data/sources/desk/", {**form, "lawful_basis": "magic"}).status_code == 422
    assert visitor.post("/data/sources/desk/", {**form, "title": "Desk"}).status_code == 302
    source = Source.objects.get()
    assert (source.title, source.owner_unit, source.lawful_basis, source.priority) == ("Desk", "B01", "consent", 5)


def test_a_source_shows_how_its_files_are_read(visitor: Client, tmp_path: Path) -> None:
    imported(tmp_path)
    page = text(visitor.get("/data/sources/shop/"))
    assert "客户编号" in page
    assert "quarantined" in page


def test_who_may_not_import_sees_nothing_of_imports(visitor: Client, stranger: Client, tmp_path: Path) -> None:
    record = imported(tmp_path)
    for address in ("/data/imports/", f"/data/imports/{record.pk}/", f"/data/imports/{record.pk}/rejects.csv"):
        assert "soon" not in text(stranger.get(address))
        assert stranger.get(address).status_code == 403
    assert stranger.post("/data/import/", handed_in()).status_code == 403
    assert stranger.post("/data/sources/shop/", {"priority": "1", "lawful_basis": "consent"}).status_code == 403
    assert stranger.post("/data/refreshes/begin/").status_code == 403
    assert stranger.get("/").status_code == 200
    assert "people.csv" not in text(stranger.get("/search/?q=people"))


def test_things_that_are_not_there_say_so(visitor: Client) -> None:
    for address in ("/data/imports/7/", "/data/sources/nothing/", "/data/refreshes/7/"):
        assert visitor.get(address).status_code == 404
    assert visitor.get(f"/data/import/{uuid.uuid4()}/mapping/").status_code == 404


def test_today_says_what_to_do_next(visitor: Client, tmp_path: Path) -> None:
    assert "Import a file" in text(visitor.get("/"))
    imported(tmp_path)
    page = text(visitor.get("/"))
    assert "1 import is not seen yet: refresh" in page
    assert "60% of people.csv was rejected" in page
    assert "“shop” is quarantined" in page
    run_refresh()
    page = text(visitor.get("/"))
    assert "not seen yet" not in page
    assert "Last refreshed" in page


def test_search_finds_sources_and_imports(visitor: Client, tmp_path: Path) -> None:
    record = imported(tmp_path)
    assert f"Import {record.pk}: people.csv" in text(visitor.get(f"/search/?q={record.pk}"))
    assert f"Import {record.pk}: people.csv" in text(visitor.get("/search/?q=peop"))
    assert "Source" in text(visitor.get("/search/?q=shop"))


def test_a_refresh_is_asked_for_shown_and_put_back(visitor: Client, tmp_path: Path) -> None:
    assert "nobody is shown" in text(visitor.get("/data/refreshes/"))
    imported(tmp_path)
    answer = visitor.post("/data/refreshes/begin/")
    run_job(Job.objects.get().pk)
    assert answer.headers["Location"] == f"/data/jobs/{Job.objects.get().pk}/"
    run_refresh()
    assert "in force" in text(visitor.get("/data/refreshes/?sort=-seconds"))
    page = text(visitor.get("/data/refreshes/1/"))
    assert "Identity of customers" in page
    assert "Put back" in page
    answer = visitor.post("/data/refreshes/1/put-back/", follow=True)
    assert "Refresh 1 is in force again." in text(answer)
    assert "/data/refreshes/2/put-back/" in answer.content.decode()
    assert "Put back" in text(visitor.get("/data/refreshes/2/"))


def test_lists_take_as_few_queries_for_many_rows_as_for_one(
    visitor: Client, django_assert_max_num_queries: Any
) -> None:
    with acting_as(OPERATOR):
        sources = [add_source(name=f"s{number}") for number in range(3)]
    for source in sources:
        Import.objects.create(
            source=source, entity="orders", file_name="a", mapping={}, started_at=timezone.now(), state="finished"
        )
    with django_assert_max_num_queries(10):
        visitor.get("/data/imports/")
    with django_assert_max_num_queries(9):
        visitor.get("/data/sources/")
