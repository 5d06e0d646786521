-- What the platform itself accepted and promised: not a projection, it cannot be read back from anywhere else.
create table meta (
  name text primary key,
  value text not null
);

create table accepted (
  kind smallint not null check (kind in (1, 2)),
  organization bigint not null check (organization > 0),
  sequence bigint not null check (sequence > 0),
  digest bytea not null unique check (octet_length(digest) = 32),
  signature bytea not null check (octet_length(signature) = 65),
  signer bytea not null check (octet_length(signer) = 20),
  received_s bigint not null,
  size_bytes bigint not null,
  receipt bytea not null,
  readings bigint not null check (readings >= 0),
  from_s bigint,
  to_s bigint,
  tree bytea check (octet_length(tree) = 88),
  document text,
  primary key (organization, kind, sequence),
  check ((kind = 1) = (tree is not null)),
  check ((kind = 2) = (document is not null))
);
create index accepted_window on accepted (organization, from_s, to_s) where kind = 1;
create index accepted_document on accepted (document, organization) where kind = 2;

-- Streams and coverage after the last accepted batch; moves only together with the head above.
create table organization_state (
  organization bigint primary key check (organization > 0),
  sequence bigint not null check (sequence > 0),
  digest bytea not null check (octet_length(digest) = 32),
  state bytea not null
);

-- Uploads under way; their bytes are files in the folder `uploads`. A committed one stays for a while so that committing again gives the receipt.
create table upload (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  kind smallint not null check (kind in (1, 2)),
  organization bigint not null check (organization > 0),
  sequence bigint not null check (sequence > 0),
  digest bytea not null check (octet_length(digest) = 32),
  signature bytea not null check (octet_length(signature) = 65),
  sha256 bytea not null check (octet_length(sha256) = 32),
  length_bytes bigint not null check (length_bytes > 0),
  offset_bytes bigint not null check (offset_bytes between 0 and length_bytes),
  created_ms bigint not null,
  touched_ms bigint not null,
  state text not null check (state in ('open', 'committed'))
);
create index upload_open on upload (organization) where state = 'open';
create index upload_touched on upload (touched_ms);
