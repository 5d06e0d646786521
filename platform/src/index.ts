export { type Config, configure, type Founder, LIMITS, type Limits } from './config.ts'
export { PLATFORM_ERRORS } from './errors.ts'
export { erasePostgres } from './postgres.ts'
export { type Platform, type Progress, type StartOptions, startPlatform } from './start.ts'
