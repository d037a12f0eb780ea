-- The event log: insert only, gap-free positions in commit order.

create extension if not exists pg_trgm;

create table log_head (
    single boolean primary key default true check (single),
    position bigint not null,
    recorded_at timestamptz not null,
    generation uuid not null
);
insert into log_head (position, recorded_at, generation) values (0, '-infinity', gen_random_uuid());

create table event (
    position bigint primary key,
    stream uuid not null,
    version integer not null check (version > 0),
    topic text not null,
    state json not null check (octet_length(state::text) <= 262144),
    metadata json not null check (octet_length(metadata::text) <= 16384 and json_typeof(metadata) = 'object'),
    recorded_at timestamptz not null,
    unique (stream, version)
);

create table command (
    actor text not null,
    id uuid not null,
    request_hash bytea not null check (octet_length(request_hash) = 32),
    target uuid not null,
    version integer not null,
    position bigint not null,
    recorded_at timestamptz not null,
    primary key (actor, id)
);

create table reserved (
    scope text not null,
    name text not null,
    stream uuid not null,
    primary key (scope, name)
);

create function refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception 'The log is insert only: % on % is refused.', tg_op, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

create trigger event_is_insert_only before update or delete on event
    for each row execute function refuse_rewriting();
create trigger event_is_never_truncated before truncate on event
    for each statement execute function refuse_rewriting();
create trigger command_is_insert_only before update or delete on command
    for each row execute function refuse_rewriting();
create trigger command_is_never_truncated before truncate on command
    for each statement execute function refuse_rewriting();

-- Appends a batch of commands, each admitted whole or not at all, in the order given.
--
-- Commands stand in parallel arrays (c_*). Their writes (w_*) and reservations (r_*) name the command
-- they belong to by its place, counted from 1. A write is one fact: w_version is the version it takes.
-- Answers one row a command: outcome `recorded` or `repeated` with the version of the command's
-- target and the position of its last fact, or a refusal that changes nothing of its neighbours:
-- `stale` (detail: the stream), `taken` (detail: scope and name), `key_reused`.
create function append_batch(
    clock timestamptz,
    c_actor text[], c_id uuid[], c_hash bytea[], c_target uuid[], c_metadata text[],
    w_command integer[], w_stream uuid[], w_version integer[], w_topic text[], w_state text[],
    r_command integer[], r_scope text[], r_name text[], r_stream uuid[]
) returns table (place integer, outcome text, answer_version integer, answer_position bigint, detail text)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    head log_head;
    moment timestamptz;
    seen command;
    clash text;
    grown boolean := false;
begin
    select * into head from log_head for update;
    -- A clock that runs ahead would stamp every later fact: it is believed by a minute at most.
    moment := greatest(least(clock, clock_timestamp() + interval '1 minute'), head.recorded_at);
    for place in 1 .. cardinality(c_id) loop
        answer_version := null; answer_position := null; detail := null;
        select * into seen from command where actor = c_actor[place] and id = c_id[place];
        if found then
            if seen.request_hash = c_hash[place] then
                outcome := 'repeated'; answer_version := seen.version; answer_position := seen.position;
            else
                outcome := 'key_reused';
            end if;
            return next; continue;
        end if;

        select w.stream::text into clash
        from (select unnest(w_command) as command, unnest(w_stream) as stream, unnest(w_version) as version) w
        where w.command = place
        group by w.stream
        having min(w.version) <> 1 + coalesce((select max(e.version) from event e where e.stream = w.stream), 0)
            or max(w.version) - min(w.version) + 1 <> count(*)
        limit 1;
        if found then
            outcome := 'stale'; detail := clash; return next; continue;
        end if;

        select r.scope || ' ' || r.name into clash
        from (select unnest(r_command) as command, unnest(r_scope) as scope, unnest(r_name) as name,
                     unnest(r_stream) as stream) r
        where r.command = place
        group by r.scope, r.name having count(distinct r.stream) > 1 limit 1;
        if found then
            outcome := 'taken'; detail := clash; return next; continue;
        end if;

        select r.scope || ' ' || r.name into clash
        from (select unnest(r_command) as command, unnest(r_scope) as scope, unnest(r_name) as name,
                     unnest(r_stream) as stream) r
        join reserved held on held.scope = r.scope and held.name = r.name and held.stream <> r.stream
        where r.command = place limit 1;
        if found then
            outcome := 'taken'; detail := clash; return next; continue;
        end if;

        insert into reserved (scope, name, stream)
        select r.scope, r.name, r.stream
        from (select unnest(r_command) as command, unnest(r_scope) as scope, unnest(r_name) as name,
                     unnest(r_stream) as stream) r
        where r.command = place
        on conflict do nothing;

        insert into event (position, stream, version, topic, state, metadata, recorded_at)
        select head.position + row_number() over (order by w.n), w.stream, w.version, w.topic, w.state::json,
               c_metadata[place]::json, moment
        from unnest(w_command, w_stream, w_version, w_topic, w_state)
             with ordinality as w (command, stream, version, topic, state, n)
        where w.command = place;
        get diagnostics answer_version = row_count;
        head.position := head.position + answer_version;

        select coalesce(max(e.version), 0) into answer_version from event e where e.stream = c_target[place];
        answer_position := head.position;
        insert into command (actor, id, request_hash, target, version, position, recorded_at)
        values (c_actor[place], c_id[place], c_hash[place], c_target[place], answer_version, answer_position, moment);
        outcome := 'recorded'; grown := true;
        return next;
    end loop;
    if grown then
        update log_head set position = head.position, recorded_at = moment;
        perform pg_notify('log', head.position::text);
    end if;
end $$;

create schema view;

-- How every part that follows the log stands. `position` is null for a part that keeps its place
-- elsewhere; `stopped` names what it cannot take; `failing` why it is being tried again.
create table follower (
    name text primary key,
    version integer not null,
    position bigint,
    stopped text,
    failing text
);

-- Messages that a part set aside because they cannot be taken: they stay in the stream.
create table parked (
    source text not null,
    sequence bigint not null,
    why text not null,
    at timestamptz not null,
    primary key (source, sequence)
);
