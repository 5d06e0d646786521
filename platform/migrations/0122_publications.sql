-- Reports whose owner lets everybody do them again: the package of a report holds proofs, and proofs of sealed batches are not given otherwise.
create table report_publication (
  -- Of the report's document.
  report bytea primary key check (octet_length(report) = 32),
  organization bigint not null check (organization > 0),
  published_by text not null,
  created_ms bigint not null
);
