"""The peer of our views: the stock library's own projection runner, one row a record, in Postgres."""

import json
import time
from typing import Any

from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL

from tests.bench import stock
from tests.bench.rounds import Round

CONNECTIONS = 8
ALIASES = 4
SAVED_AT_ONCE = 50
CREATE = SQL("create table if not exists organisation_view (id uuid primary key, state jsonb not null)")
READ = SQL("select state from organisation_view where id = %s")
UPSERT = SQL(
    "insert into organisation_view (id, state) values (%s, %s) on conflict (id) do update set state = excluded.state"
)
# The library looks this seldom whether it has come far enough.
WAIT_SECONDS = 120.0


class OrganisationView(PostgresTrackingRecorder):
    """The organisation as it stands, one row each; tracking in the same transaction, as the handbook has it."""

    def __init__(self, datastore: PostgresDatastore, **options: Any) -> None:
        super().__init__(datastore, **options)
        self.sql_create_statements.append(CREATE)

    def take(self, record: Any, changes: dict[str, Any], tracking: Tracking) -> None:
        """Change one row and move the place."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            found = cursor.execute(READ, (record,), prepare=True).fetchone()
            state = found["state"] if found else {"aliases": []}
            alias = changes.pop("alias", None)
            aliases = [*state["aliases"], alias] if alias else state["aliases"]
            cursor.execute(UPSERT, (record, json.dumps({**state, **changes, "aliases": aliases})), prepare=True)


class OrganisationProjection(Projection[OrganisationView]):
    """Folds the peer's two events."""

    name = "organisations"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """One event, one transaction: the runner offers no batches."""
        given = {name: value for name, value in vars(domain_event).items() if isinstance(value, str)}
        given.pop("originator_topic", None)
        if isinstance(domain_event, stock.Organisation.AliasStated):  # type: ignore[attr-defined]
            given = {"alias": given["name"]}
        self.view.take(domain_event.originator_id, given, tracking)


def fill(url: str, records: int) -> int:
    """So many organisations with their aliases in the peer's own log; how many events that is."""
    application = stock.application(url, connections=CONNECTIONS)
    try:
        for first in range(0, records, SAVED_AT_ONCE):
            made = [stock.registration(str(number)) for number in range(first, min(records, first + SAVED_AT_ONCE))]
            for organisation in made:
                for number in range(ALIASES):
                    organisation.state_alias(f"부산진구 {number}")
            application.save(*made)
        return int(application.recorder.max_notification_id() or 0)
    finally:
        application.close()


def catch_up(url: str, events: int) -> Round:
    """From nothing to the log's end."""
    environment = stock.environment(url, connections=CONNECTIONS)
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=Application,
        projection_class=OrganisationProjection,
        view_class=OrganisationView,
        env=environment,
    ) as runner:
        runner.wait(events, timeout=WAIT_SECONDS)
        return Round(events, time.perf_counter() - started)
