-- Persons, each under a key of its own, and who asked for them. Nothing here is readable without the master key.

-- Which master key this vault is under (a fingerprint derived from it), so that a second one is noticed.
create table master_key (
    single boolean primary key default true check (single),
    id bytea not null,
    since timestamptz not null
);

-- `wrapped_key` opens `ciphertext`, and only the master key opens `wrapped_key`. Forgetting leaves the tombstone.
create table person (
    id uuid primary key,
    office text not null,
    wrapped_key bytea,
    nonce bytea,
    ciphertext bytea,
    request_mac bytea,
    kept_at timestamptz not null,
    forgotten_at timestamptz,
    constraint whole_or_forgotten check (
        num_nonnulls(wrapped_key, nonce, ciphertext, request_mac) = case when forgotten_at is null then 4 else 0 end
    )
);

-- Who kept, read or had forgotten whose data, from where and why. `who` is role and account, never a name.
create table access_log (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    who text not null,
    office text not null,
    origin inet,
    person uuid not null references person (id),
    what text not null check (what in ('kept', 'read', 'forgotten')),
    why text check (why is not null or what <> 'read'),
    command uuid,
    unique (who, command)
);
create index on access_log (person, at);

create function refuse_rewriting() returns trigger language plpgsql as $$
begin
    raise exception 'The vault keeps this: % on % is refused.', tg_op, tg_table_name
        using errcode = 'insufficient_privilege';
end $$;

create trigger access_log_is_insert_only before update or delete on access_log
    for each row execute function refuse_rewriting();
create trigger access_log_is_never_truncated before truncate on access_log
    for each statement execute function refuse_rewriting();
create trigger a_tombstone_is_never_removed before delete on person
    for each row execute function refuse_rewriting();
create trigger forgotten_stays_forgotten before update on person
    for each row when (old.forgotten_at is not null and new.forgotten_at is distinct from old.forgotten_at)
    execute function refuse_rewriting();
