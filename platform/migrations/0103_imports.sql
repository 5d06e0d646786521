-- An import of a file: how many batches it was planned to become, and which ones it became.
create table import (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  organization bigint not null check (organization > 0),
  name text not null check (char_length(name) between 1 and 200),
  sha256 bytea not null check (octet_length(sha256) = 32),
  mapping bytea not null check (octet_length(mapping) = 32),
  readings bigint not null check (readings > 0),
  batches integer not null check (batches between 1 and 100000),
  created_by text not null,
  created_ms bigint not null,
  -- The batch whose restatement voided all of it, and why.
  withdrawn_sequence bigint,
  withdrawn_reason text,
  check ((withdrawn_sequence is null) = (withdrawn_reason is null))
);
create index import_organization on import (organization, created_ms);

create table import_batch (
  import text not null references import,
  organization bigint not null,
  sequence bigint not null check (sequence > 0),
  primary key (organization, sequence)
);
create index import_batch_import on import_batch (import);
