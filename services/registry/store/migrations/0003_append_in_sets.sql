-- The append over sets: a batch is decided and recorded by one statement, however many commands it holds.

drop function append_batch;

-- One row, written by every batch. While a long question holds an old snapshot its versions cannot be cleared away:
-- room in its page and a vacuum that comes soon keep the next look at it short.
alter table log_head set (fillfactor = 10, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);
alter table follower set (fillfactor = 10, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- Appends a batch of commands, each admitted whole or not at all, in the order given.
--
-- Commands stand in parallel arrays (c_*; c_version is the version at which the act leaves its target, null when
-- it does not write to it). What they read (s_*: a record, and the version it must stand at), what they write
-- (w_*: one fact each, w_version the version it takes) and the names they take (r_*) say by its place, counted
-- from 1, to which command they belong. The caller sees to it that no two commands of a batch write to one record,
-- build on what another of them writes, or share an actor's command id or a name: should two do, the keys refuse
-- the whole batch (unique_violation) and the caller sends its commands one by one.
-- Answers one row a command: outcome `recorded` or `repeated` with the version of the command's target and the
-- position of its last fact, or a refusal that changes nothing of its neighbours: `stale` (detail: the record),
-- `taken` (detail: scope and name), `key_reused`.
--
-- `clock` is null but in tests: facts are stamped by the database's own clock, one for all processes. One that is given
-- is believed by a minute ahead at most, since it would stamp every later fact.
-- Every look-up is a scalar sub-select by a key, and sequential scans are off: a plan with joins, made while the
-- tables were small, would go on reading them from end to end.
create function append_batch(
    clock timestamptz,
    c_actor text[], c_id uuid[], c_hash bytea[], c_target uuid[], c_version integer[], c_metadata text[],
    s_command integer[], s_stream uuid[], s_version integer[],
    w_command integer[], w_stream uuid[], w_version integer[], w_topic text[], w_state text[],
    r_command integer[], r_scope text[], r_name text[], r_stream uuid[]
) returns table (place integer, outcome text, answer_version integer, answer_position bigint, detail text)
language plpgsql security definer
set search_path = public, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
    head log_head;
    moment timestamptz;
begin
    select * into head from log_head where single for update;
    -- Read after the lock: an act that waited is not recorded earlier than one that was asked about meanwhile.
    moment := greatest(least(coalesce(clock, clock_timestamp()), clock_timestamp() + interval '1 minute'),
                       head.recorded_at);
    return query
    with outdated as materialized (
        select s.command, s.stream
        from (
            select * from unnest(s_command, s_stream, s_version) as s (command, stream, version)
            union all
            -- What is written follows the last version; a gap or a repetition is sent as one that cannot hold.
            select w.command, w.stream,
                   case when max(w.version) - min(w.version) + 1 = count(*) then min(w.version) - 1 else -1 end
            from unnest(w_command, w_stream, w_version) as w (command, stream, version)
            group by w.command, w.stream
        ) s
        where s.version <> coalesce(
            (select e.version from event e where e.stream = s.stream order by e.version desc limit 1), 0)
    ), wanted as materialized (
        select r.command, r.scope, r.name, r.stream,
               coalesce((select held.stream from reserved held where held.scope = r.scope and held.name = r.name),
                        first_value(r.stream) over (partition by r.command, r.scope, r.name)) as holder
        from unnest(r_command, r_scope, r_name, r_stream) as r (command, scope, name, stream)
    ), clashing as materialized (
        select w.command, w.scope || ' ' || w.name as name from wanted w where w.holder <> w.stream
    ), judged as materialized (
        select c.place::integer as place, c.actor, c.id, c.hash, c.target, c.version, c.metadata,
               (select seen from command seen where seen.actor = c.actor and seen.id = c.id) as seen,
               (select min(o.stream::text) from outdated o where o.command = c.place) as outdated,
               (select min(k.name) from clashing k where k.command = c.place) as clash
        from unnest(c_actor, c_id, c_hash, c_target, c_version, c_metadata)
             with ordinality as c (actor, id, hash, target, version, metadata, place)
    ), admitted as materialized (
        select j.place, j.actor, j.id, j.hash, j.target, j.metadata,
               coalesce(j.version,
                        (select e.version from event e where e.stream = j.target order by e.version desc limit 1),
                        0) as version,
               head.position + sum(coalesce(w.facts, 0)) over (order by j.place) as position
        from judged j
        left join (select w.command, count(*) as facts from unnest(w_command) as w (command) group by w.command) w
            on w.command = j.place
        where (j.seen).id is null and j.outdated is null and j.clash is null
    ), written as (
        insert into event (position, stream, version, topic, state, metadata, recorded_at)
        select head.position + row_number() over (order by w.n), w.stream, w.version, w.topic, w.state::json,
               a.metadata::json, moment
        from unnest(w_command, w_stream, w_version, w_topic, w_state)
             with ordinality as w (command, stream, version, topic, state, n)
        join admitted a on a.place = w.command
    ), named as (
        insert into reserved (scope, name, stream)
        select w.scope, w.name, w.stream from wanted w join admitted a on a.place = w.command
        on conflict do nothing
    ), answered as (
        insert into command (actor, id, request_hash, target, version, position, recorded_at)
        select a.actor, a.id, a.hash, a.target, a.version, a.position, moment from admitted a
    ), moved as (
        update log_head h set position = a.position, recorded_at = moment
        from (select max(position) as position from admitted) a where h.single and a.position > h.position
    )
    select j.place,
           case when a.place is not null then 'recorded'
                when (j.seen).request_hash = j.hash then 'repeated'
                when (j.seen).id is not null then 'key_reused'
                when j.outdated is not null then 'stale'
                else 'taken' end,
           coalesce(a.version, case when (j.seen).request_hash = j.hash then (j.seen).version end),
           coalesce(a.position, case when (j.seen).request_hash = j.hash then (j.seen).position end)::bigint,
           case when (j.seen).id is null then coalesce(j.outdated, j.clash) end
    from judged j left join admitted a on a.place = j.place
    order by j.place;
    perform pg_notify('log', h.position::text) from log_head h where h.single and h.position > head.position;
end $$;

revoke execute on function append_batch from public;

-- What a long record looked like at a version, so that it need not be replayed from its first fact. Only a saving:
-- a row may be missing, outdated or unreadable at any time, and is then ignored and written anew.
create table snapshot (
    stream uuid primary key,
    version integer not null check (version > 0),
    format text not null,
    state json not null
);
