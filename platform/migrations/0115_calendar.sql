-- Report projects (报告项目): which plant or unit of an organization reports in which sector. Their deadlines are computed from the calendars and the log. A
-- rule of kind deadline reminds of them, through the same alerts, mails and webhooks as the others.
create table report_project (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  organization bigint not null check (organization > 0),
  sector text not null check (char_length(sector) between 1 and 60),
  subject text not null check (char_length(subject) between 1 and 200),
  created_by text not null,
  created_ms bigint not null,
  unique (organization, subject)
);

alter table alert_rule drop constraint alert_rule_kind_check;
alter table alert_rule add constraint alert_rule_kind_check
  check (kind in ('threshold', 'rate', 'gap', 'drift', 'quality', 'capture', 'signature', 'counter', 'silence', 'deadline'));
