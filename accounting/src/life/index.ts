export { dossierOf } from './dossier.ts'
export { drawVerifiers, eligibleFor } from './draw.ts'
export { LATEST_SECONDS } from './laboratory.ts'
export { createRegister, type Register } from './register.ts'
export { planSample, type Stratum, samplingSeed } from './sample.ts'
export type {
  DocumentFacts,
  DrawLife,
  PublicationLife,
  RegisterFacts,
  ReportLife,
  ReportStage,
  SampleLife,
  Stated,
} from './state.ts'
export { keyAt, placeOf, type SampledBatch, strataOf, type Void } from './strata.ts'
