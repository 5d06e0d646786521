-- Documents of reports, laboratories, verification and witnesses (docs/spec/documents.md) in the order in which they were accepted. Which of them count and what
-- they amount to is a fold in the log's order, the same for everybody; it is kept in memory and made anew from these rows and the blocks at every start.
create table document (
  digest bytea primary key check (octet_length(digest) = 32),
  place bigint generated always as identity unique,
  organization bigint not null,
  sequence bigint not null,
  kind text not null,
  -- When it was received; once it is in the log, its block's time counts.
  at_s bigint not null,
  unique (organization, sequence)
);
create index document_kind on document (kind, place desc);

insert into document (digest, organization, sequence, kind, at_s)
select digest, organization, sequence, document, received_s
from accepted
where kind = 2 and document in ('methodology', 'factors', 'sample', 'handover', 'receipt', 'analysis', 'voucher', 'report', 'draw', 'assignment',
  'sampling-plan', 'opinion', 'decision', 'reopening', 'audit')
order by received_s, organization, sequence;
