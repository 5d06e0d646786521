import type { App } from '../app.ts'
import type { Instance } from '../instance.ts'
import { logRoutes } from './log-routes.ts'
import { readRoutes } from './read-routes.ts'
import { witnessRoutes } from './witness-routes.ts'
import { writeRoutes } from './write-routes.ts'

/** Everything about evidence over HTTP: handing it in, reading it, the log. */
export async function evidenceRoutes(app: App, instance: Instance) {
  readRoutes(app, instance)
  logRoutes(app, instance)
  await witnessRoutes(app, instance)
  // Bodies of other types than JSON are taken by these routes only.
  await app.register(async (scope) => writeRoutes(scope as unknown as App, instance))
}
