"""The app: registrations, and what people do in it while the habit lasts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.demo.dirt import Fault
from zhike.demo.draws import Draws, Flags, Floats, Ints, row_keys, scrambled
from zhike.demo.feeds import FAR_FUTURE, Feed
from zhike.demo.files import JsonLines, Rows
from zhike.demo.people import People
from zhike.demo.records import Habits, Records
from zhike.demo.text import blank, days, flags, instants, join, number, pick

HABITS = Habits(
    "app",
    prefix="u",
    misspelt=0.01,
    wide=0.0,
    outdated=0.15,
    missing={"email": 0.45, "phone": 0.02, "born": 0.4},
    separated=0.0,
    signs_up=True,
)
EVENTS_SINCE_DAYS = 540  # the app keeps events for a year and a half
SESSIONS_SHAPE, SESSIONS_PER_WEEK = 0.9, 0.22  # weekly sessions ~ Gamma(shape, mean)
HABIT_DAYS = 600  # mean time until someone stops using the app for good
EVENTS_PER_SESSION = 4

CUSTOMERS = Feed(
    "app_registrations",
    "source_records",
    "app",
    "uid",
    JsonLines(raw=("push",)),
    (
        Fault("future date", "since", FAR_FUTURE, "first_seen_on"),
        Fault("future date", "changed", f"{FAR_FUTURE}T08:00:00+08:00", "updated_at"),
        Fault("unparsable date", "birthday", "13/45", "born_on"),
        Fault("unknown code", "sex", "robot", "gender"),
        Fault("missing key", "uid", None, "customer_key"),
    ),
)
EVENTS = Feed(
    "app_events",
    "events",
    "app",
    "event_id",
    JsonLines(raw=("props",)),
    (
        Fault("future date", "ts", f"{FAR_FUTURE}T08:00:00+08:00", "occurred_at"),
        Fault("unparsable date", "ts", "yesterday", "occurred_at"),
        Fault("missing key", "event_id", None, "event_id"),
        Fault("missing value", "uid", None, "customer_key"),
        Fault("missing value", "event", None, "kind"),
    ),
)
FEEDS = (CUSTOMERS, EVENTS)
LOGIN, KINDS = 0, ("login", "page_view", "search", "quote_started", "claim_started", "policy_viewed")
KIND_WEIGHTS = (0, 6, 1.5, 0.6, 0.3, 1.6)
PROPERTIES = (
    '{"method":"password"}',
    '{"page":"health/articles","seconds":48}',
    '{"words":"门诊 报销"}',
    '{"product":"HL01"}',
    '{"step":1}',
    '{"page":"policy"}',
)
PAGES = (
    "home",
    "products",
    "health/articles",
    "claims",
    "points",
    "services/health-check",
    "services/travel",
)


@dataclass(frozen=True)
class Usage:
    """How people use the app, one entry per person; meaningful where `known`."""

    known: Flags
    registered: Ints
    sessions_per_week: Floats
    dormant_from: Ints  # day from which there are no sessions


@dataclass(frozen=True)
class Sessions:
    """Sessions of people in the order of person and time."""

    who: Ints
    place: Ints  # number among the person's sessions
    at: Ints  # seconds since 1970, local time

    def last_before(self, day: int, count: int) -> Ints:
        """Day of each person's last session before a day; 0 without one."""
        last = np.zeros(count, dtype=np.int64)
        earlier = self.at // 86_400 < day
        np.maximum.at(last, self.who[earlier], self.at[earlier] // 86_400)
        return last


def draw_usage(people: People, draws: Draws) -> Usage:
    """When each person registered, how often they come, and when the habit ends."""
    ids = people.ids
    registered = people.as_of - 5 - draws.below("registered", ids, 1_300)
    rate = SESSIONS_PER_WEEK / SESSIONS_SHAPE * draws.gamma("rate", ids, SESSIONS_SHAPE)
    lasts = 1 + HABIT_DAYS * draws.exponential("habit", ids)
    return Usage(people.members["app"], registered, rate, registered + lasts.astype(np.int64))


def draw_sessions(people: People, usage: Usage, draws: Draws) -> Sessions:
    """A Poisson process for each person from registration (or the oldest kept day) to the habit's end."""
    first = np.maximum(usage.registered, people.as_of - EVENTS_SINCE_DAYS)
    span = np.maximum(np.minimum(usage.dormant_from, people.as_of + 1) - first, 0)
    mean = np.where(usage.known, np.minimum(usage.sessions_per_week * span / 7, 80.0), 0.0)
    counts = draws.poisson("sessions", people.ids, mean)
    who = np.repeat(np.arange(len(people)), counts)
    place = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
    keys = row_keys(people.ids[who], place)
    at = first[who] * 86_400 + (span[who] * 86_400 * draws.uniform("at", keys)).astype(np.int64)
    # The keys stay with their places; the times are put in order within each person.
    return Sessions(who, place, at[np.lexsort((at, who))])


def registration_rows(people: People, records: Records, usage: Usage, draws: Draws) -> Rows:
    """Registrations as the app stores them: some names in Latin letters, some the wrong way round."""
    who, keys = records.who, records.keys
    latin = draws.chance("latin", keys, 0.2)
    family, given = records.family_and_given("simplified", exchanged=0.05)
    latin_family, latin_given = records.family_and_given("latin", exchanged=0.05)
    nameless = draws.chance("nameless", keys, 0.12)
    registered = usage.registered[who]
    changed = registered + ((people.as_of - registered) * draws.uniform("changed", keys)).astype(np.int64)
    columns = {
        "uid": records.key,
        "last_name": blank(pa.compute.if_else(pa.array(latin), latin_family, family), nameless),
        "first_name": blank(pa.compute.if_else(pa.array(latin), latin_given, given), nameless),
        "mobile": records.phone,
        "email": records.email,
        "sex": blank(flags(people.female[who], "male", "female"), draws.chance("no sex", keys, 0.5)),
        "birthday": records.birthdays("iso"),
        "locale": flags(people.english[who], "zh_CN", "en_GB"),
        "since": days(registered),
        "changed": instants(changed * 86_400 + draws.below("changed at", keys, 86_400), between="T", end="+08:00"),
        "push": flags(draws.chance("push", keys, 0.6), "false", "true"),
    }
    return Rows(keys, columns)


def event_rows(people: People, records: Records, sessions: Sessions, draws: Draws) -> Rows:
    """Events: each session is a login and some further steps."""
    session_keys = row_keys(people.ids[sessions.who], sessions.place)
    counts = 1 + draws.below("steps", session_keys, EVENTS_PER_SESSION)
    which = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    who = sessions.who[which]
    place = sessions.place[which] * EVENTS_PER_SESSION + step
    keys = row_keys(people.ids[who], place)
    kind = np.where(step == 0, LOGIN, draws.weighted("kind", keys, KIND_WEIGHTS))
    at = sessions.at[which] + step * (20 + draws.below("pause", keys, 90))
    # A session late on the last day may not run into the day after.
    at = np.minimum(at, (people.as_of + 1) * 86_400 - 1)
    pages = [f'{{"page":"{page}","seconds":{10 * (place + 1)}}}' for place, page in enumerate(PAGES)]
    page = len(PROPERTIES) + draws.below("page", keys, len(PAGES))
    columns = {
        "event_id": join("e", number(scrambled(people.ids[who], 9, "event")), "-", number(place)),
        "uid": records.key_of_fact(who, session_keys[which]),
        "event": pick(KINDS, kind),
        "ts": instants(at, between="T", end="+08:00"),
        "channel": pick(("ios", "android", "web"), draws.below("device", people.ids[who], 3)),
        "props": pick(list(PROPERTIES) + pages, np.where(kind == 1, page, kind)),
    }
    return Rows(keys, columns)
