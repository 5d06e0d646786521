import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startLanguage } from './i18n/language.ts'
import { createAppRouter } from './router.tsx'
import './style/index.css'
import './style/shell.css'
import './style/evidence.css'
import './style/monitoring.css'

await startLanguage()
const router = createAppRouter()
const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 10_000 } } })

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element "root".')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
