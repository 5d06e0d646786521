-- What charts and figures are drawn from: sums of every stream by hour and by day (Asia/Shanghai). All of it is a projection of the blocks: it can
-- be deleted together with its mark and is then folded again, batch by batch, to the same rows (S29).
create table projection_mark (
  name text not null check (name in ('series', 'monitoring')),
  organization bigint not null check (organization > 0),
  sequence bigint not null check (sequence > 0),
  primary key (name, organization)
);

create table series_sum (
  organization bigint not null,
  stream bigint not null,
  step_s integer not null check (step_s in (3600, 86400)),
  start_s bigint not null,
  -- Three bytes of kind and the validity.
  type bigint not null,
  readings bigint not null check (readings >= 0),
  seconds bigint not null check (seconds >= 0),
  -- Sums over batches may pass 2^53.
  quantity numeric(40, 0) not null check (quantity >= 0),
  primary key (organization, stream, step_s, start_s, type)
);

-- Restatements met so far: what each batch voids in those before it.
create table series_void (
  organization bigint not null,
  sequence bigint not null,
  lo bytea not null check (octet_length(lo) = 16),
  hi bytea not null check (octet_length(hi) = 16),
  primary key (organization, sequence, lo)
);

-- Declared streams with the batch that declared them first, and the reading with the greatest start that was heard of each.
create table device_stream (
  organization bigint not null,
  stream bigint not null,
  device text not null,
  type integer not null,
  interval_s bigint not null,
  -- The item of the streams block, DAG-CBOR.
  item bytea not null,
  since_sequence bigint not null,
  last_type bigint,
  last_start_s bigint,
  last_seconds bigint,
  last_quantity bigint,
  last_sequence bigint,
  last_received_s bigint,
  primary key (organization, stream)
);
create index device_stream_device on device_stream (organization, device, stream);

-- What collecting a stream's data looked like, by the day of the readings.
create table collection_day (
  organization bigint not null,
  stream bigint not null,
  day_s bigint not null,
  readings bigint not null,
  -- Readings that a later batch voided.
  restated bigint not null,
  frames bigint not null,
  signed bigint not null,
  -- Messages that came again with what was there already (重复采集).
  repeated bigint not null,
  -- Counters that were left out by a device that counts its messages (缺漏采集).
  skipped bigint not null,
  -- Readings whose message came later than one interval after their end.
  late bigint not null,
  primary key (organization, stream, day_s)
);

-- The greatest counter of each device that counts its messages, and how many below it have not come.
create table device_counter (
  organization bigint not null,
  device text not null,
  counter bigint not null,
  missing bigint not null check (missing >= 0),
  primary key (organization, device)
);
