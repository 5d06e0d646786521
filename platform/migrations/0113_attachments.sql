-- Private files beside documents (附件): scanned reports, invoices, photos. The log knows a salted digest of each; the bytes and the salt stay here, in
-- the one place that is synced and backed up with the rest.
create table attachment (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  organization bigint not null check (organization > 0),
  -- SHA-256 over salt and bytes.
  digest bytea not null unique check (octet_length(digest) = 32),
  salt bytea not null check (octet_length(salt) = 16),
  name text not null check (char_length(name) between 1 and 200),
  media text not null,
  length_bytes bigint not null check (length_bytes > 0),
  content bytea not null,
  created_by text not null,
  created_ms bigint not null,
  check (octet_length(content) = length_bytes)
);
create index attachment_organization on attachment (organization, created_ms desc);
