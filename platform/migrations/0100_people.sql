-- People, how they sign in, and what they may do for an organization. Nothing here is on the chain or in a block.
create table person (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  login text not null check (char_length(login) between 3 and 64),
  name text not null check (char_length(name) between 1 and 100),
  password text,
  admin boolean not null default false,
  created_ms bigint not null
);
create unique index person_login on person (lower(login));

create table passkey (
  id text primary key check (char_length(id) between 16 and 1400),
  person text not null references person on delete cascade,
  public_key bytea not null,
  counter bigint not null check (counter >= 0),
  transports text not null,
  name text not null,
  created_ms bigint not null
);
create index passkey_person on passkey (person);

-- One use each: a row is deleted when its answer is looked at.
create table challenge (
  nonce text primary key check (char_length(nonce) between 16 and 100),
  purpose text not null check (purpose in ('key', 'passkey-add', 'passkey-new', 'passkey-sign-in')),
  subject text not null,
  expires_ms bigint not null
);

create table session (
  token bytea primary key check (octet_length(token) = 32),
  person text references person on delete cascade,
  organization bigint,
  address text,
  created_ms bigint not null,
  expires_ms bigint not null,
  check ((person is null) <> (organization is null)),
  check ((organization is null) = (address is null))
);
create index session_expires on session (expires_ms);

create table member (
  organization bigint not null check (organization > 0),
  person text not null references person on delete cascade,
  role text not null check (role in ('owner', 'editor', 'reader')),
  since_ms bigint not null,
  primary key (organization, person)
);
create index member_person on member (person);

create table invitation (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  token bytea not null unique check (octet_length(token) = 32),
  organization bigint not null check (organization > 0),
  role text not null check (role in ('owner', 'editor', 'reader')),
  invited_by text not null,
  created_ms bigint not null,
  expires_ms bigint not null
);
create index invitation_organization on invitation (organization);
