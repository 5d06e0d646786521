-- What auditors said of batches (见证): a fold of the accepted audit documents, made anew from them where it is missing. A word counts once its document's entry is in the log.
create table audit_word (
  batch bytea not null check (octet_length(batch) = 32),
  -- Who audited, and which of its documents says so.
  organization bigint not null,
  sequence bigint not null,
  word text not null check (word in ('held', 'failed', 'unavailable')),
  code text,
  primary key (batch, organization, sequence),
  check ((word = 'failed') = (code is not null))
);
create index audit_word_document on audit_word (organization, sequence);
