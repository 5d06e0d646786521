-- Answers kept for repeated requests (R17), and what was written by whom.
create table idempotency (
  caller text not null,
  key text not null,
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  -- The process that works on it; a row of a process that is gone may be taken over.
  worker text not null,
  status integer,
  headers text,
  body bytea,
  created_ms bigint not null,
  primary key (caller, key),
  check ((status is null) = (body is null))
);
create index idempotency_created on idempotency (created_ms);

create table audit (
  id bigint generated always as identity primary key,
  at_ms bigint not null,
  caller text not null,
  method text not null,
  route text not null,
  organization bigint,
  subject text,
  status integer not null,
  code text,
  correlation text not null
);
create index audit_organization on audit (organization, id);
