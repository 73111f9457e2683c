"""What is true of the company, kept aside so that later stages can be judged.

Parquet files in `truth/`; `person_id` names a person (an organisation from 1,000,000,000 on).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zhike.demo import attitudes, policies, purchases, surveys
from zhike.demo.app import EVENTS_SINCE_DAYS, HABIT_DAYS, SESSIONS_PER_WEEK, SESSIONS_SHAPE, Usage
from zhike.demo.attitudes import Attitudes
from zhike.demo.campaigns import ACTIVE_DAYS, CAMPAIGNS, RESPONSE_DAYS, Outcome
from zhike.demo.core import organisation_keys, organisations_of
from zhike.demo.draws import Ints
from zhike.demo.files import ParquetFile
from zhike.demo.mail import first_records
from zhike.demo.people import MEMBERSHIP, NEIGHBOURS, ROLES, People
from zhike.demo.records import Records
from zhike.demo.shop import ShopLife
from zhike.demo.text import constant, number, pick

TABLES = ("identity", "persons", "purchase_process", "response_rule")


class Truth:
    """The folder of true tables, filled block by block."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.files = {name: ParquetFile(directory / f"{name}.parquet") for name in TABLES}

    def add(self, name: str, table: pa.Table) -> None:
        """Adds the rows of one block."""
        self.files[name].write_table(table)

    def close(self) -> None:
        """Completes the tables."""
        for file in self.files.values():
            file.close()

    def write_planted(self, planted: dict[tuple[str, str, str, str], int]) -> None:
        """Writes how many bad rows each file has, by (file, feed, reason, column of the entity)."""
        rows = sorted(planted.items())
        names = ("file", "feed", "reason", "column")
        table = {name: pa.array([key[place] for key, _ in rows], pa.string()) for place, name in enumerate(names)}
        table["count"] = pa.array([count for _, count in rows], pa.int64())
        pq.write_table(pa.table(table), self.directory / "planted_rejects.parquet")

    def write_parameters(self, **of_the_company: str | int) -> None:
        """Writes the parameters of every planted process."""
        content = json.dumps({**of_the_company, **parameters()}, ensure_ascii=False, indent=2)
        (self.directory / "parameters.json").write_text(content + "\n", encoding="utf-8")


def parameters() -> dict[str, object]:
    """The parameters of every planted process, as they are in the code."""
    return {
        "membership": MEMBERSHIP,
        "purchases": {
            "model": "BG/NBD and Gamma-Gamma; rates are per week, amounts in CNY per order",
            "r": purchases.R,
            "alpha": purchases.ALPHA_WEEKS,
            "a": purchases.A,
            "b": purchases.B,
            "p": purchases.P,
            "q": purchases.Q,
            "gamma": purchases.GAMMA_YUAN,
            "first_order_days": purchases.FIRST_ORDER_DAYS,
        },
        "contracts": {
            "first_anniversary_hazard": policies.FIRST_YEAR_HAZARD,
            "later_anniversary_hazard": policies.LATER_HAZARD,
            "autopay_factor": policies.AUTOPAY_FACTOR,
            "channel_factors": dict(zip(policies.CHANNELS, policies.CHANNEL_FACTORS, strict=True)),
            "grace_days": policies.GRACE_DAYS,
        },
        "attitudes": {
            "satisfaction": "standard normal; hazards of leaving and complaints are log-normal in it",
            "hazard_slope": attitudes.SATISFACTION_SLOPE,
            "restless_share": attitudes.RESTLESS_SHARE,
            "restless_factor": attitudes.RESTLESS_FACTOR,
            "app_factor": attitudes.APP_FACTOR,
            "other_factor": attitudes.OTHER_FACTOR,
            "complaint_share": attitudes.COMPLAINT_SHARE,
            "complaint_slope": attitudes.COMPLAINT_SLOPE,
            "leaves_after_complaint": attitudes.LEAVES_AFTER_COMPLAINT,
            "leaves_after_days": attitudes.LEAVES_AFTER_DAYS,
        },
        "surveys": {
            "answer_share": surveys.ANSWER_SHARE,
            "average": surveys.AVERAGE,
            "spread": surveys.SPREAD,
            "spread_by_chance": surveys.CHANCE,
            "shop_answer_share": surveys.SHOP_ANSWER_SHARE,
        },
        "app": {
            "sessions_per_week": SESSIONS_PER_WEEK,
            "sessions_shape": SESSIONS_SHAPE,
            "habit_days": HABIT_DAYS,
            "kept_days": EVENTS_SINCE_DAYS,
        },
        "campaigns": [asdict(campaign) for campaign in CAMPAIGNS],
        "campaign_response_days": RESPONSE_DAYS,
        "campaign_active_days": ACTIVE_DAYS,
    }


def identity_table(people: People, records: Sequence[Records]) -> pa.Table:
    """Who stands behind each key of each source, organisations included."""
    organisations = organisations_of(people)
    parts = [_identity("core", organisation_keys(organisations), organisations, np.zeros(len(organisations), np.int64))]
    parts += [_identity(each.habits.source, each.key, each.ids, each.copy) for each in records]
    return pa.concat_tables(parts).combine_chunks()


def _identity(source: str, key: pa.Array, ids: Ints, copy: Ints) -> pa.Table:
    return pa.table(
        {
            "source": constant(source, len(ids)),
            "customer_key": key,
            "person_id": pa.array(ids),
            "is_second_record": pa.array(copy == 1),
        }
    )


def person_table(people: People, usage: Usage, thinks: Attitudes) -> pa.Table:
    """The true attributes of every customer, and which systems know them."""
    in_app = people.members["app"]
    return pa.table(
        {
            "person_id": pa.array(people.ids),
            "household_id": pa.array(people.head),
            "household_role": pick(ROLES, people.role),
            "name": people.name,
            "gender": pick(("male", "female"), people.female.astype(np.int64)),
            "born_on": pa.array(people.born.astype(np.int32)).cast(pa.date32()),
            "id_number": people.id_number,
            "phone": number(people.phone),
            "email": people.email,
            "address": people.address,
            "language": pick(("zh-CN", "en"), people.english.astype(np.int64)),
            "income_amount": pa.array(people.income),
            "unit_id": people.structure.sub_branch_ids(people.sub_branch),
            "organisation_id": pa.array(
                organisations_of(people)[people.ids // NEIGHBOURS - people.ids[0] // NEIGHBOURS],
                mask=~people.works_for_group,
            ),
            **{f"in_{source}": pa.array(flags) for source, flags in people.members.items()},
            "satisfaction": pa.array(thinks.satisfaction),
            "is_restless": pa.array(thinks.is_restless),
            "app_sessions_per_week": pa.array(usage.sessions_per_week, mask=~in_app),
            "app_dormant_from": pa.array(usage.dormant_from.astype(np.int32), mask=~in_app).cast(pa.date32()),
        }
    )


def purchase_table(people: People, shop: ShopLife) -> pa.Table:
    """The purchase process of every buyer, and what he does in the year after `as_of`."""
    count = len(shop.who)
    at, buyer, yuan = shop.purchases.at, shop.purchases.buyer, shop.cents / 100
    past = at < people.as_of + 1
    return pa.table(
        {
            "person_id": pa.array(people.ids[shop.who]),
            "purchases_per_week": pa.array(shop.buyers.rate),
            "dropout_probability": pa.array(shop.buyers.dropout),
            "mean_order_amount": pa.array(shop.buyers.mean_spend),
            "first_ordered_on": pa.array(np.floor(shop.buyers.first).astype(np.int32)).cast(pa.date32()),
            "orders": pa.array(np.bincount(buyer[past], minlength=count)),
            "amount": pa.array(np.bincount(buyer[past], weights=yuan[past], minlength=count)),
            "is_alive": pa.array(shop.purchases.alive),
            "next_year_orders": pa.array(np.bincount(buyer[~past], minlength=count)),
            "next_year_amount": pa.array(np.bincount(buyer[~past], weights=yuan[~past], minlength=count)),
        }
    )


def response_table(people: People, core: Records, outcomes: Sequence[Outcome]) -> pa.Table:
    """Arm, probabilities and outcome of every member of every past campaign's audience."""
    return pa.concat_tables([_responses(people, core, outcome) for outcome in outcomes]).combine_chunks()


def _responses(people: People, core: Records, outcome: Outcome) -> pa.Table:
    count = len(outcome.who)
    launched = np.full(count, outcome.launched, dtype=np.int32)
    return pa.table(
        {
            "campaign": constant(outcome.campaign.code, count),
            "launched_on": pa.array(launched).cast(pa.date32()),
            "person_id": pa.array(people.ids[outcome.who]),
            "customer_key": core.key.take(pa.array(first_records(core, outcome.who))),
            "arm": pick(("holdout", "treated"), outcome.is_treated.astype(np.int64)),
            "is_in_rule": pa.array(outcome.in_group),
            "probability_if_treated": pa.array(outcome.if_treated),
            "probability_if_held_out": pa.array(outcome.if_held_out),
            "has_converted": pa.array(outcome.converted),
        }
    )
