import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/**
 * Two builds into one folder: the app, and (mode `check`) the public check page, built by itself so that it carries nothing of the app's
 * and stays small.
 */
export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  plugins: mode === 'check' ? [] : [react()],
  worker: { format: 'es' as const },
  publicDir: mode === 'check' ? (false as const) : 'public',
  build: {
    target: 'es2022',
    emptyOutDir: mode !== 'check',
    // The check page asks for its one later part by itself; a list of files to fetch ahead would only weigh.
    modulePreload: mode !== 'check',
    // The largest parts, the drawing of charts and the reading of workbooks, are loaded only where they are used.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: mode === 'check' ? 'check.html' : 'index.html',
      // The pure core does nothing on import: what a page does not use of it need not travel.
      treeshake: { moduleSideEffects: (id: string) => !/\/(?:units|evidence|sdk)\/src\//.test(id) },
    },
  },
}))
