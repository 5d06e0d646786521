export * from './calculate.ts'
export * from './calendar.ts'
export * from './check/assemble.ts'
export type {
  AnalysisFact,
  CheckFacts,
  CheckFinding,
  CorrectionFact,
  Figure,
  SeriesFact,
} from './check/facts.ts'
export type { Rule, RuleSet } from './check/rule.ts'
export * from './check/run.ts'
export * from './document/index.ts'
export * from './dry-run.ts'
export * from './errors.ts'
export * from './expression.ts'
export * from './factor.ts'
export * from './fold.ts'
export * from './kind.ts'
export * from './life/index.ts'
export * from './marks.ts'
export * from './materiality.ts'
export * from './methodology.ts'
export * from './monte-carlo.ts'
export * from './program.ts'
export { type Propagated, propagate } from './propagate.ts'
export * from './quality.ts'
export * from './reach.ts'
export * from './recompute.ts'
export * from './report.ts'
export * from './report-package.ts'
export * from './report-unit.ts'
export * from './report-verdict.ts'
export type { Source, Words } from './shape.ts'
export * from './stage.ts'
export * from './trace.ts'
export { type NodeFields, TRACE_NODE_FORMAT } from './trace-node.ts'
export * from './uncertainty.ts'
