-- Proofs that somebody signed two things that cannot both be true (S9). They stay for ever and are listed for everybody.
create table equivocation (
  cid text primary key,
  kind text not null check (kind in ('entries', 'receipts', 'checkpoints')),
  proof bytea not null,
  made_ms bigint not null
);
create index equivocation_made on equivocation (made_ms desc, cid);
