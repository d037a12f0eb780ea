-- The notifier's own memory: what it mirrors of the registry, how far it read, and what it sent.

-- How far the inbox has read, in which log; one row, moved in the transaction of the effect.
create table checkpoint (
    only_one boolean primary key default true check (only_one),
    generation uuid,
    position bigint not null check (position >= 0)
);
insert into checkpoint (generation, position) values (null, 0);

create table agreement (
    id uuid primary key,
    office text not null,
    number text not null,
    title text not null,
    kind text not null,
    position bigint not null
);

-- The latest term of every cycle. `last_safe` repeats what the term implies, so that the scan for
-- what is due can use an index.
create table term (
    agreement uuid not null,
    cycle integer not null,
    term json not null,
    last_safe date,
    correlation text,
    position bigint not null,
    primary key (agreement, cycle)
);
create index on term (last_safe) where last_safe is not null;

-- Messages that could not be read, as they came.
create table parked (
    position bigint not null,
    generation uuid,
    subject text not null,
    why text not null,
    payload bytea not null,
    parked_at timestamptz not null,
    unique nulls not distinct (generation, position)
);

-- One row a reminder, made before it is sent.
create table reminder (
    key text primary key,
    state text not null check (state in ('claimed', 'sent', 'failed')),
    agreement uuid not null,
    cycle integer not null,
    rule text not null,
    deadline date not null,
    office text not null,
    role text not null,
    number text not null,
    title text not null,
    due_on date not null,
    why_ko text not null,
    why_en text not null,
    correlation text,
    claimed_at timestamptz not null,
    attempts integer not null default 1,
    channel text,
    mail text,
    failure text,
    settled_on date,
    settled_at timestamptz,
    reported_at timestamptz
);
create index on reminder (claimed_at) where state = 'claimed';
create index on reminder (settled_at) where state <> 'claimed' and reported_at is null;
create index on reminder (settled_at desc) where state <> 'claimed';
