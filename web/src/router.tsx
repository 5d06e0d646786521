import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Home } from './home/home.tsx'
import { parseSearch, type Search, stringifySearch } from './search.ts'
import { Frame } from './shell/frame.tsx'
import { NotFound } from './shell/not-found.tsx'
import { Problem } from './shell/problem.tsx'

const root = createRootRoute({
  component: Frame,
  notFoundComponent: NotFound,
  errorComponent: ({ error }) => <Problem error={error} />,
})
const validateSearch = (search: Record<string, unknown>): Search => search as Search
const getParentRoute = () => root

/** Every page; all but the first are loaded when they are opened. */
const routes = [
  createRoute({ getParentRoute, validateSearch, path: '/', component: Home }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/trace',
    component: lazyRouteComponent(() => import('./evidence/trace.tsx'), 'TracePage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/tamper',
    component: lazyRouteComponent(() => import('./evidence/tamper-lab.tsx'), 'TamperLab'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/batches/$cid',
    component: lazyRouteComponent(() => import('./evidence/batch.tsx'), 'BatchPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/upload',
    component: lazyRouteComponent(() => import('./evidence/upload.tsx'), 'UploadPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations',
    component: lazyRouteComponent(() => import('./organization/organizations.tsx'), 'OrganizationsPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id',
    component: lazyRouteComponent(() => import('./organization/organization.tsx'), 'OrganizationPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/datasets',
    component: lazyRouteComponent(() => import('./dataset/datasets.tsx'), 'DatasetsPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/datasets/$cid',
    component: lazyRouteComponent(() => import('./dataset/dataset.tsx'), 'DatasetPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id/streams/$stream',
    component: lazyRouteComponent(() => import('./device/stream.tsx'), 'StreamPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id/devices/$device',
    component: lazyRouteComponent(() => import('./device/device.tsx'), 'DevicePage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/reports',
    component: lazyRouteComponent(() => import('./report/reports.tsx'), 'ReportsPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/reports/$cid',
    component: lazyRouteComponent(() => import('./report/report.tsx'), 'ReportPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id/board',
    component: lazyRouteComponent(() => import('./report/board.tsx'), 'BoardPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id/samples',
    component: lazyRouteComponent(() => import('./laboratory/samples.tsx'), 'SamplesPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id/privacy',
    component: lazyRouteComponent(() => import('./privacy/privacy.tsx'), 'PrivacyPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id/granted',
    component: lazyRouteComponent(() => import('./privacy/granted.tsx'), 'GrantedPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id/reports',
    component: lazyRouteComponent(() => import('./report/drafts.tsx'), 'DraftsPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id/reports/$draft',
    component: lazyRouteComponent(() => import('./report/draft.tsx'), 'DraftPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/verification',
    component: lazyRouteComponent(() => import('./verification/verification.tsx'), 'VerificationPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/organizations/$id/verifications/$cid',
    component: lazyRouteComponent(() => import('./verification/case.tsx'), 'CasePage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/methodologies',
    component: lazyRouteComponent(() => import('./methodology/methodologies.tsx'), 'MethodologiesPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/methodologies/edit',
    component: lazyRouteComponent(() => import('./methodology/editor.tsx'), 'MethodologyEditor'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/methodologies/$id',
    component: lazyRouteComponent(() => import('./methodology/methodology.tsx'), 'MethodologyPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/monitoring',
    component: lazyRouteComponent(() => import('./monitoring/monitoring.tsx'), 'MonitoringPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/gateway',
    component: lazyRouteComponent(() => import('./device/gateway.tsx'), 'GatewayPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/apply',
    component: lazyRouteComponent(() => import('./organization/apply.tsx'), 'ApplyPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/review',
    component: lazyRouteComponent(() => import('./organization/review.tsx'), 'ReviewPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/keys',
    component: lazyRouteComponent(() => import('./organization/keys.tsx'), 'KeysPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/sign-in',
    component: lazyRouteComponent(() => import('./organization/sign-in.tsx'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute,
    validateSearch,
    path: '/status',
    component: lazyRouteComponent(() => import('./shell/health.tsx'), 'HealthPage'),
  }),
] as const

/** The app's router; filters stay readable in the address. */
export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren(routes),
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
