-- Why a regulator decided as it did: the chain has the digest of this block alone, the text is for the applicant and the regulator (S33).
create table reason (
  digest bytea primary key check (octet_length(digest) = 32),
  block bytea not null,
  created_ms bigint not null
);
