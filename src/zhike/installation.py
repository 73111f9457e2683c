"""Settings: one tuple defines each for the code, the command line and the docs."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from zhike.errors import UserError


@dataclass(frozen=True)
class Setting:
    """One setting: `ZHIKE_NAME` in the environment, `name` in the file zhike.toml of the home."""

    name: str
    default: str
    doc: str
    is_secret: bool = False

    @property
    def variable(self) -> str:
        return f"ZHIKE_{self.name.upper()}"


SETTINGS = (
    Setting("home", "zhike-data", "Folder that holds everything of an embedded installation."),
    Setting(
        "database_url",
        "",
        "Operational database: `postgresql://user:password@host:port/name`. Empty: SQLite in the home.",
        is_secret=True,
    ),
    Setting(
        "warehouse",
        "",
        "Where Iceberg tables keep their files: a folder or `s3://bucket/prefix`. Empty: `warehouse` in the home.",
    ),
    Setting(
        "catalog_uri",
        "",
        "Iceberg SQL catalog: `postgresql://…` or `sqlite:///…`. Empty: SQLite in the home.",
        is_secret=True,
    ),
    Setting(
        "engine",
        "duckdb",
        "What computes: `duckdb`, `spark://host:port`, `local[2]` (Spark in this process) or `sc://host:port`.",
    ),
    Setting("time_zone", "Asia/Shanghai", "Business time zone: decides which day an instant belongs to."),
    Setting("currency", "CNY", "ISO 4217 code in which all amounts are kept."),
    Setting("country", "CN", "Country, in two letters, of telephone numbers that are written without its code."),
    Setting(
        "linking",
        "yes",
        "Whether records are compared to find those of one customer. `no`: a key of a source is a customer.",
    ),
    Setting("rfm_window", "0", "Days of orders that RFM looks at; 0: all there are."),
    Setting(
        "rfm_bands",
        "",
        "Borders between the five scores of recency, frequency and monetary, in place of fifths of the buyers: four "
        "ascending numbers each, of days, orders and money, as in `30,90,180,365; 1,2,4,9; 100,500,2000,10000`.",
    ),
    Setting("memory", "", "Memory the DuckDB engine may use, such as `4GB`. Empty: half of the machine's."),
    Setting("threads", "0", "Threads the DuckDB engine may use; 0: one for each core."),
    Setting("index_memory", "1GB", "Memory that each process may use for bitmaps of tags and attributes."),
    Setting("kept_refreshes", "7", "How many published refreshes can be put back."),
    Setting("import_limit", "100GB", "Largest file, unpacked, that an import reads."),
    Setting("line_limit", "16MB", "Longest line (or quoted field) that an import reads."),
    Setting(
        "secret_key",
        "",
        "Key that signs sessions and links. Empty: drawn once and kept in `secret_key` of the home.",
        is_secret=True,
    ),
    Setting(
        "hosts",
        "localhost,127.0.0.1,[::1]",
        "Names under which pages and API are reached, with commas; others are refused.",
    ),
    Setting(
        "https",
        "no",
        "`yes` where a proxy in front speaks HTTPS and sets X-Forwarded-Proto: cookies are sent over HTTPS only.",
    ),
    Setting("upload_limit", "2GB", "Largest file that may be uploaded to a page or the API."),
    Setting("api_rate", "6000/m", "Requests one token may make to each process of the API; per s, m or h."),
    Setting(
        "webhook_private_addresses",
        "no",
        "`yes` lets webhooks call addresses of private networks and of this machine.",
    ),
    Setting(
        "log_level",
        "INFO",
        "DEBUG, INFO, WARNING or ERROR. Logs are JSON lines: a worker's on stderr, commands' in `logs` of the home.",
    ),
    Setting("s3_endpoint", "", "Address of an S3-compatible store other than AWS."),
    Setting("s3_region", "", "Region of the S3 store."),
    Setting("s3_access_key", "", "Access key of the S3 store.", is_secret=True),
    Setting("s3_secret_key", "", "Secret key of the S3 store.", is_secret=True),
)

RATE_PERIODS = {"s": 1, "m": 60, "h": 3600}
SIZE_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


@dataclass(frozen=True)
class Installation:
    """Everything that says where this installation keeps its data and how it computes."""

    home: Path
    database_url: str
    warehouse: str
    catalog_uri: str
    engine: str
    time_zone: str
    currency: str
    country: str
    linking: bool
    rfm_window: int  # days; 0: all
    rfm_bands: tuple[tuple[float, ...], ...]  # of days, orders and money; empty: fifths
    memory: str
    threads: int
    index_memory: int
    kept_refreshes: int
    import_limit: int
    line_limit: int
    secret_key: str
    hosts: tuple[str, ...]
    https: bool
    upload_limit: int
    api_rate: tuple[int, int]  # requests, seconds
    webhook_private_addresses: bool
    log_level: str
    s3_endpoint: str
    s3_region: str
    s3_access_key: str
    s3_secret_key: str

    @property
    def is_local(self) -> bool:
        """The warehouse lies on a disk of this machine."""
        return self.warehouse.startswith("file://")

    @property
    def warehouse_path(self) -> Path:
        """Folder of a warehouse on local disk."""
        return Path(urlsplit(self.warehouse).path)

    @property
    def is_embedded(self) -> bool:
        """Everything lies in the home, so that a backup of the home is a backup of all."""
        inside = self.is_local and self.warehouse_path.is_relative_to(self.home)
        return inside and not self.database_url and self.catalog_uri.startswith(f"sqlite:///{self.home}")

    @property
    def scratch(self) -> Path:
        """Folder for what engines spill; may be emptied when nothing runs."""
        return self.home / "scratch"


def read_installation(environ: Mapping[str, str] | None = None) -> Installation:
    """The settings in force: environment first, then `zhike.toml` in the home, then defaults.

    Raises UserError that names the setting whose value cannot be used.
    """
    environ = os.environ if environ is None else environ
    home = Path(environ.get("ZHIKE_HOME") or SETTINGS[0].default).expanduser().absolute()
    in_file = _read_file(home / "zhike.toml")
    values = {s.name: environ.get(s.variable) or in_file.get(s.name, s.default) for s in SETTINGS}
    return Installation(
        home=home,
        database_url=values["database_url"],
        warehouse=_location(values["warehouse"] or str(home / "warehouse")),
        catalog_uri=_with_driver(values["catalog_uri"]) or f"sqlite:///{home / 'catalog.db'}",
        engine=values["engine"],
        time_zone=_time_zone(values["time_zone"]),
        currency=_currency(values["currency"]),
        country=_country(values["country"]),
        linking=_yes_or_no("linking", values["linking"]),
        rfm_window=_integer("rfm_window", values["rfm_window"], at_least=0),
        rfm_bands=_bands(values["rfm_bands"]),
        memory=values["memory"],
        threads=_integer("threads", values["threads"]),
        index_memory=parse_size("index_memory", values["index_memory"]),
        kept_refreshes=max(1, _integer("kept_refreshes", values["kept_refreshes"])),
        import_limit=parse_size("import_limit", values["import_limit"]),
        line_limit=parse_size("line_limit", values["line_limit"]),
        secret_key=values["secret_key"],
        hosts=tuple(host.strip() for host in values["hosts"].split(",") if host.strip()),
        https=_yes_or_no("https", values["https"]),
        upload_limit=parse_size("upload_limit", values["upload_limit"]),
        api_rate=_rate("api_rate", values["api_rate"]),
        webhook_private_addresses=_yes_or_no("webhook_private_addresses", values["webhook_private_addresses"]),
        log_level=_log_level(values["log_level"]),
        s3_endpoint=values["s3_endpoint"],
        s3_region=values["s3_region"],
        s3_access_key=values["s3_access_key"],
        s3_secret_key=values["s3_secret_key"],
    )


def _read_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"not a TOML file: {error}", where=str(path)) from error
    known = {setting.name for setting in SETTINGS} - {"home"}
    for name in content:
        if name not in known:
            raise UserError(
                f"unknown setting {name!r}", where=str(path), advice=f"Known settings: {', '.join(sorted(known))}."
            )
    return {name: str(value) for name, value in content.items()}


def _location(text: str) -> str:
    scheme = urlsplit(text).scheme
    if scheme in ("s3", "file"):
        return text.rstrip("/")
    if scheme:
        raise UserError(
            f"cannot keep a warehouse at {text!r}", where="ZHIKE_WAREHOUSE", advice="Use a folder or s3://."
        )
    return "file://" + str(Path(text).expanduser().absolute())


def _with_driver(uri: str) -> str:
    """SQLAlchemy would look for psycopg2 behind a plain postgresql:// address; we ship psycopg 3."""
    return uri.replace("postgresql://", "postgresql+psycopg://", 1) if uri.startswith("postgresql://") else uri


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UserError(
            f"no time zone is called {name!r}", where="ZHIKE_TIME_ZONE", advice="Use a name such as Europe/London."
        ) from error
    return name


def _country(text: str) -> str:
    if len(text) != 2 or not text.isascii() or not text.isupper():
        raise UserError(f"{text!r} is no country", where="ZHIKE_COUNTRY", advice="Use two capitals, such as CN or GB.")
    return text


def _currency(code: str) -> str:
    if len(code) != 3 or not code.isascii() or not code.isupper():
        raise UserError(
            f"{code!r} is no ISO 4217 code", where="ZHIKE_CURRENCY", advice="Use three letters such as CNY."
        )
    return code


def _log_level(level: str) -> str:
    if level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise UserError(
            f"{level!r} is no log level", where="ZHIKE_LOG_LEVEL", advice="Use DEBUG, INFO, WARNING or ERROR."
        )
    return level.upper()


def _yes_or_no(name: str, text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false"):
        raise UserError(f"{text!r} is neither yes nor no", where=f"ZHIKE_{name.upper()}")
    return text.lower() in ("yes", "true")


def _rate(name: str, text: str) -> tuple[int, int]:
    count, _, period = text.partition("/")
    if not count.isdecimal() or not int(count) or period not in RATE_PERIODS:
        raise UserError(f"{text!r} is no rate", where=f"ZHIKE_{name.upper()}", advice="Use a form such as 6000/m.")
    return int(count), RATE_PERIODS[period]


def _integer(name: str, text: str, *, at_least: int | None = None) -> int:
    try:
        number = int(text)
    except ValueError as error:
        raise UserError(f"{text!r} is no whole number", where=f"ZHIKE_{name.upper()}") from error
    if at_least is not None and number < at_least:
        raise UserError(f"{number} is less than {at_least}", where=f"ZHIKE_{name.upper()}")
    return number


def _bands(text: str) -> tuple[tuple[float, ...], ...]:
    if not text.strip():
        return ()
    try:
        bands = tuple(tuple(map(float, part.split(","))) for part in text.split(";"))
    except ValueError:
        bands = ()
    if len(bands) != 3 or any(len(one) != 4 or not _is_ascending(one) for one in bands):
        raise UserError(
            f"{text!r} is not three times four ascending numbers",
            where="ZHIKE_RFM_BANDS",
            advice="Use a form such as 30,90,180,365; 1,2,4,9; 100,500,2000,10000.",
        )
    return bands


def _is_ascending(numbers: tuple[float, ...]) -> bool:
    return all(0 <= low < high < math.inf for low, high in pairwise(numbers))


def parse_size(name: str, text: str) -> int:
    """Bytes meant by a text such as `16MB` (decimal units) or a plain number."""
    unit = text[-2:].upper()
    digits, factor = (text[:-2], SIZE_UNITS[unit]) if unit in SIZE_UNITS else (text, 1)
    try:
        return int(float(digits) * factor)
    except ValueError as error:
        raise UserError(
            f"{text!r} is no size", where=f"ZHIKE_{name.upper()}", advice="Use a number with KB, MB, GB or TB."
        ) from error
