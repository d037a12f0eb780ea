-- Generations of the log. Subscribers are told positions of one generation; where what they were told and what
-- the log holds have parted (a restored backup, a foreign message), a person begins the next one, and the stream
-- is filled anew. Facts stay as they are.

create table generation (
    number integer primary key,
    id uuid not null unique,
    began_after bigint not null,
    at timestamptz not null,
    because text not null check (length(btrim(because)) between 1 and 500)
);
insert into generation (number, id, began_after, at, because)
select 1, generation, 0, clock_timestamp(), 'the first' from log_head;

create trigger generation_is_insert_only before update or delete on generation
    for each row execute function refuse_rewriting();
create trigger generation_is_never_truncated before truncate on generation
    for each statement execute function refuse_rewriting();

-- Begins the next generation after the head, for a stated reason; the owner of the log alone may call it.
create function begin_generation(why text) returns generation
language plpgsql set search_path = public, pg_temp as $$
declare
    head log_head;
    begun generation;
begin
    select * into head from log_head for update;
    insert into generation (number, id, began_after, at, because)
    select max(number) + 1, gen_random_uuid(), head.position, clock_timestamp(), btrim(why) from generation
    returning * into begun;
    update log_head set generation = begun.id;
    perform pg_notify('log', head.position::text);
    return begun;
end $$;
revoke execute on function begin_generation(text) from public;
