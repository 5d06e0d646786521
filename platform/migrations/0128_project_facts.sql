-- What a plant says of itself that no report tells and its allowances depend on (厂区事实), such as the class of its units: a map of texts, as the rule of its
-- sector names them.
alter table report_project add column facts text not null default '{}' check (char_length(facts) <= 4000);
