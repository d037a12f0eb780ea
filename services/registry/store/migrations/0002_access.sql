-- Who may sign in: accounts without names, and hashed tokens, links and sessions.

create table account (
    id uuid primary key,
    role text not null check (role in ('staff', 'auditor', 'administrator', 'service')),
    office text not null,
    created_at timestamptz not null
);

create table credential (
    hash bytea primary key,
    kind text not null check (kind in ('token', 'link', 'session')),
    account uuid not null references account (id),
    created_at timestamptz not null,
    expires_at timestamptz,
    spent_at timestamptz,
    revoked_at timestamptz
);
create index on credential (account);
