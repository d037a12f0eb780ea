-- What the registry knew at an instant, and views that are built anew beside the live ones.

-- Up to which position the log had been written at an instant; 0 before the first fact. Positions have no gaps and
-- `recorded_at` never goes back with them, so that halving finds it by primary key. Null for an instant that has not
-- come. The answer is final: about the last minute it waits for the batch that is being recorded, and the next one
-- is stamped later than now.
create function position_at(instant timestamptz) returns bigint
language plpgsql volatile strict security definer set search_path = public, pg_temp as $$
declare
    low bigint := 0;
    high bigint;
    middle bigint;
begin
    if instant > clock_timestamp() then
        return null;
    elsif instant > clock_timestamp() - interval '1 minute' then
        perform from log_head where single for share;
    end if;
    select position into high from log_head where single;
    while low < high loop
        middle := (low + high + 1) / 2;
        if (select recorded_at from event where position = middle) <= instant then
            low := middle;
        else
            high := middle - 1;
        end if;
    end loop;
    return low;
end $$;
revoke execute on function position_at from public;

-- How often the rows of a view were swapped for others: what a runner remembers of the earlier ones is then void.
alter table follower add column build integer not null default 0;
