"""`zhike identity link`: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Zhike = Callable[..., CompletedProcess[str]]

PEOPLE = """\
编号,姓名,手机号,出生日期,地址,谁
1,王小明,13800138000,1990-03-07,北京市海淀区中关村大街1号院2号楼3单元401,甲
2,王小明先生,+86 138-0013-8000,1990/3/7,海淀区中关村大街1号院2#3-401,甲
3,王芳,13800138000,1962-11-30,北京市海淀区中关村大街1号院2号楼3单元401,乙
4,李雷,13911112222,1985-05-05,上海市徐汇区天钥桥路408号,丙
5,李雷,13533334444,1971-01-20,广东省深圳市南山区科技中三路5号,丁
6,李 雷,１３９１１１１２２２２,19850505,,丙
"""


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="gb18030")
    return path


def test_a_file_is_linked_and_the_customers_are_written(zhike: Zhike, people: Path, tmp_path: Path) -> None:
    written = tmp_path / "customers.csv"
    done = zhike("identity", "link", people, "--id", "编号", "--truth", "谁", "-o", written, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["records"] == 6
    assert found["clusters"] == 4
    assert (found["precision"], found["recall"], found["f1"]) == (1, 1, 1)
    assert found["columns"] == {
        "name": "姓名",
        "born_on": "出生日期",
        "phone": "手机号",
        "address": "地址",
    }
    with written.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["record", "customer"]
    assert dict(rows[1:]) == {"1": "1", "2": "1", "3": "3", "4": "4", "5": "5", "6": "4"}


def test_people_read_what_each_column_was_taken_for(zhike: Zhike, people: Path) -> None:
    done = zhike("identity", "link", people, "--id", "编号")
    assert done.returncode == 0, done.stderr
    assert "手机号" in done.stdout
    assert "6 records, 4 of them different customers." in done.stdout
    assert "precision" not in done.stdout
    assert done.stderr == ""


MISTAKES = {
    "no such record column": (["--id", "nr"], "--id: the file has no column 'nr'", "编号"),
    "no such truth": (["--id", "编号", "--truth", "who"], "--truth: the file has no column 'who'", "编号"),
    "no such mapping": (["--id", "编号", "--map", "none.yaml"], "none.yaml", "cannot be read"),
    "no such folder": (["--id", "编号", "-o", "none/out.csv"], "none/out.csv", "cannot be written"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_is_said_in_words(zhike: Zhike, people: Path, what: str) -> None:
    options, where, message = MISTAKES[what]
    done = zhike("identity", "link", people, *options)
    assert done.returncode == 1
    assert where in done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("id,name\n", "no rows"),
        ("id,x\n1,a\n2,b\n", "no column of the file looks like"),
        ("id,name\n1,a,b\n", "row 1"),
        ("id,name\n1,a\n ,b\n,c\n", "2 records have nothing in column 'id', the first in row 2, 3"),
        ("id,name\n1,a\n2,b\n1,c\n", "1 values of column 'id' are those of several records: '1' in row 1, 3"),
    ],
)
def test_a_file_that_cannot_be_linked_is_refused(zhike: Zhike, tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    done = zhike("identity", "link", path, "--id", "id")
    assert done.returncode == 1, done.stdout
    assert message in done.stderr
    assert "file.csv" in done.stderr or "--id" in done.stderr


def test_a_file_may_call_its_columns_what_we_call_ours(zhike: Zhike, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("record_id,name,customer,cluster_id\n1,王小明,x,1\n2,李雷,y,2\n")
    done = zhike("identity", "link", path, "--id", "record_id", "--truth", "customer", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["clusters"] == 2


def test_values_that_say_nothing_leave_every_record_alone(zhike: Zhike, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("id,phone,born_on,foo\n1,abc,x,y\n2,😀,9999-99-99,z\n")
    done = zhike("identity", "link", path, "--id", "id", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["clusters"] == 2
    # And whoever reads that is told what it is worth.
    assert "No column was taken for a name or an ID number" in done.stderr
    assert found["warning"] in done.stderr
    assert "born_on (born_on), phone (phone)" in found["warning"]
    assert "--map" in found["warning"]
    assert "foo" in found["warning"]


def test_firms_are_known_by_their_column_and_apart_by_their_branch(zhike: Zhike, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(
        "nr,公司名称,电话,统一社会信用代码,t\n"
        "1,恒远科技股份有限公司北京分公司,010-88886666,,a\n"
        "2,恒远科技股份有限公司上海分公司,010-88886666,,b\n"
        "3,华盛,021-66668888,91310115MA1K3XYH6T,c\n"
        "4,华盛有限公司,021-66668888,91310115MA1K3XYH6T,c\n"
    )
    done = zhike("identity", "link", path, "--id", "nr", "--truth", "t", "--json")
    found = json.loads(done.stdout)
    assert found["columns"] == {"name": "公司名称", "id_number": "统一社会信用代码", "phone": "电话"}
    assert (found["clusters"], found["f1"]) == (3, 1)
    assert done.stderr == ""


def test_a_country_or_a_truth_that_says_nothing_is_refused(zhike: Zhike, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("id,name,truth\n1,a,\n2,b,\n")
    unknown = zhike("identity", "link", path, "--id", "id", ZHIKE_COUNTRY="XX")
    assert (unknown.returncode, "ZHIKE_COUNTRY" in unknown.stderr) == (1, True)
    empty = zhike("identity", "link", path, "--id", "id", "--truth", "truth")
    assert (empty.returncode, "--truth" in empty.stderr) == (1, True)
