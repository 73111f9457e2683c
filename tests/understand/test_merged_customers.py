"""What was written down of a customer follows when customers are merged, and is back when they are split again."""

from __future__ import annotations

import pytest
from tests.understand.tags_in_force import only_these, set_by_hand
from tests.warehouse.small_company import AS_OF

from zhike.collect.identity.services import merge_customers, undo_decision
from zhike.collect.profiles.notes import notes_of
from zhike.collect.profiles.queries import single_view
from zhike.collect.profiles.services import write_note
from zhike.rules.text import parse
from zhike.understand.audiences.freezing import freeze_audience
from zhike.understand.audiences.queries import members_seen
from zhike.understand.tags.counting.index import index_of
from zhike.understand.tags.setting.services import set_tag
from zhike.understand.tags.setting.set_tags import current
from zhike.understand.tags.setting.whom import customers_named
from zhike.warehouse.queries import published
from zhike.warehouse.services import run_refresh


@pytest.mark.usefixtures("company")
def test_tags_lists_and_notes_follow_a_merged_customer() -> None:
    only_these()
    set_by_hand("vip", kind="category")
    set_tag(tag="vip", customers=[3], value="gold")
    set_tag(tag="vip", customers=[8], value="silver")  # later, and so what the merged customer has
    frozen = freeze_audience(name="two", rule='has tag "vip"')
    write_note(customer_id=8, text="prefers the telephone")
    everybody = len(index_of(published()).everybody)
    decision = merge_customers([[3, 8]])
    run_refresh(as_of=AS_OF)
    now = published()
    assert len(index_of(now).everybody) == now.customer_count == everybody - 1
    assert {value: set(members) for value, members in current("vip").values.items()} == {"silver": {3}}
    assert set(index_of(now).tag("vip", ("silver",), None)) == {3}
    assert set(members_seen(parse(f'in audience "{frozen.name}"').tree, now)) == {3}
    assert set(members_seen(parse('not has tag "vip"').tree, now)) == set(index_of(now).everybody) - {3}
    assert [note.text for note in notes_of(3)] == ["prefers the telephone"]
    assert set(customers_named([8])) == {3}
    assert single_view(8).customer_id == 3
    undo_decision(decision.pk)
    run_refresh(as_of=AS_OF)
    assert {value: set(members) for value, members in current("vip").values.items()} == {"gold": {3}, "silver": {8}}
    assert set(members_seen(parse(f'in audience "{frozen.name}"').tree, published())) == {3, 8}
    assert not notes_of(3)
