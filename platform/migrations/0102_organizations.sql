-- What an applicant told the platform: the public part is what the chain's profile digest names, the private part stays between the
-- organization's people and the regulator (S33).
create table profile (
  digest bytea primary key check (octet_length(digest) = 32),
  public_part text not null,
  block bytea not null,
  private_block bytea,
  name_search text not null,
  created_ms bigint not null
);

create table application_file (
  application bytea primary key check (octet_length(application) = 32),
  profile bytea not null references profile,
  -- The signed-in person who applied becomes the organization's first owner.
  person text references person on delete set null,
  address text not null,
  job text not null,
  created_ms bigint not null,
  -- Set when the role was given, so that an owner who leaves later is not put back.
  granted_ms bigint
);
create index application_file_person on application_file (person);

-- Acts that were handed in here to be relayed; how far each has come is in the outbox.
create table act (
  job text primary key check (job ~ '^[0-9a-f]{64}$'),
  name text not null,
  message text not null,
  signer text not null,
  created_ms bigint not null
);
