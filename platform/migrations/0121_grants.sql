-- What owners let others read, each signed by the owner. A grant to read tells the owner's gateways for whom to seal; a grant of a summary tells
-- the platform whom to answer at that step. They say who deals with whom, so they are shown to the two parties alone.
create table privacy_grant (
  -- Of the grant's block.
  digest bytea primary key check (octet_length(digest) = 32),
  organization bigint not null check (organization > 0),
  reader bigint not null check (reader > 0),
  block bytea not null,
  signature bytea not null check (octet_length(signature) = 65),
  created_ms bigint not null,
  ended_ms bigint,
  ended_by text,
  check ((ended_ms is null) = (ended_by is null))
);
create index privacy_grant_organization on privacy_grant (organization, created_ms, digest);
create index privacy_grant_reader on privacy_grant (reader, created_ms, digest);

-- Summaries that owners handed in of batches which the platform cannot read; each was checked against its header's tree.
create table batch_summary (
  batch bytea not null references sealed_batch (digest),
  step_s integer not null check (step_s > 0),
  summary bytea not null,
  created_ms bigint not null,
  primary key (batch, step_s)
);
