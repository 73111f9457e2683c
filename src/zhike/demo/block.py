"""A block: some people with all their records, contracts, purchases, events and campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zhike.demo import app, bank, callcentre, circles, core, core_contracts, leads, mail, services, shop, surveys
from zhike.demo.app import Sessions, Usage
from zhike.demo.attitudes import Attitudes, draw_attitudes
from zhike.demo.campaigns import CAMPAIGNS, Outcome, run_campaign
from zhike.demo.draws import Draws, Ints
from zhike.demo.files import Rows
from zhike.demo.people import People
from zhike.demo.policies import Contracts, first_started
from zhike.demo.records import Records
from zhike.demo.shop import ShopLife
from zhike.demo.structure import Structure


@dataclass(frozen=True)
class Grown:
    """What a block holds: the rows of each feed by its name, and the truth behind them."""

    people: People
    records: Sequence[Records]  # the policy system's first
    usage: Usage
    attitudes: Attitudes
    shop: ShopLife
    outcomes: Sequence[Outcome]
    rows: Mapping[str, Rows]


def grow(ids: Ints, structure: Structure, as_of: int, draws: Draws, *, as_workbook: bool) -> Grown:
    """The block of people with these ids, which begin at a multiple of `people.NEIGHBOURS`."""
    people = People(draws, structure, as_of, ids)
    known = people.members
    at_core, at_bank, in_app, in_shop = (
        Records(people, known[habits.source], habits, draws)
        for habits in (core.HABITS, bank.HABITS, app.HABITS, shop.HABITS)
    )
    listed = leads.lead_records(people, draws)
    usage = app.draw_usage(people, draws.of("app"))
    attitudes = draw_attitudes(people, usage, draws.of("attitudes"))
    own = core_contracts.own_contracts(people, attitudes, draws.of("core contracts"))
    sessions = app.draw_sessions(people, usage, draws.of("app"))
    outcomes = _campaigns(people, at_core, own, sessions, draws.of("campaigns"))
    life = shop.draw_shop(people, draws.of("shop"))
    rows = {
        **_core(people, at_core, own, attitudes, outcomes, draws.of("core")),
        circles.RELATIONS.name: circles.relation_rows(people, at_core, draws.of("circles")),
        **_bank(people, at_bank, attitudes, draws.of("bank")),
        app.CUSTOMERS.name: app.registration_rows(people, in_app, usage, draws.of("app")),
        app.EVENTS.name: app.event_rows(people, in_app, sessions, draws.of("app")),
        shop.CUSTOMERS.name: shop.customer_rows(people, in_shop, life, draws.of("shop")),
        shop.ORDERS.name: shop.order_rows(people, in_shop, life, draws.of("shop")),
        callcentre.INTERACTIONS.name: callcentre.interaction_rows(
            people, at_core, own, draws.of("calls"), as_workbook=as_workbook
        ),
        mail.MESSAGES.name: mail.message_rows(people, at_core, outcomes, draws.of("mail")),
        mail.RESPONSES.name: mail.response_rows(people, at_core, outcomes, draws.of("mail")),
        surveys.ANSWERS.name: surveys.answer_rows(people, at_core, own, attitudes, draws.of("surveys")),
        surveys.SHOP_ANSWERS.name: surveys.shop_answer_rows(people, in_shop, life, attitudes, draws.of("shop surveys")),
        leads.CARDS.name: leads.card_rows(listed["cards"], draws),
        leads.LIST.name: leads.list_rows(listed["list"], draws),
    }
    records = (at_core, at_bank, in_app, in_shop, *listed["cards"], *listed["list"])
    return Grown(people, records, usage, attitudes, life, outcomes, rows)


def _campaigns(people: People, at_core: Records, own: Contracts, sessions: Sessions, draws: Draws) -> list[Outcome]:
    return [
        run_campaign(campaign, people, mail.reachable(people, at_core, campaign.channel), own, sessions, draws)
        for campaign in CAMPAIGNS
    ]


def _core(
    people: People,
    records: Records,
    own: Contracts,
    attitudes: Attitudes,
    outcomes: Sequence[Outcome],
    draws: Draws,
) -> dict[str, Rows]:
    group = core_contracts.group_contracts(people, attitudes, draws)
    return {
        core.CUSTOMERS.name: core.customer_rows(people, records, first_started(people, own), draws),
        core_contracts.CONTRACTS.name: core_contracts.contract_rows(people, records, own, group),
        core_contracts.PARTIES.name: core_contracts.party_rows(people, records, own, group, draws),
        core_contracts.CLAIMS.name: core_contracts.claim_rows(people, records, own, draws),
        services.ORDERS.name: services.order_rows(people, records, outcomes, draws),
    }


def _bank(people: People, records: Records, attitudes: Attitudes, draws: Draws) -> dict[str, Rows]:
    contracts = bank.bank_contracts(people, attitudes, draws)
    return {
        bank.CUSTOMERS.name: bank.customer_rows(people, records, first_started(people, contracts), draws),
        bank.CONTRACTS.name: bank.contract_rows(people, records, contracts),
    }
