const CACHE = 'tanlian-check'

/**
 * Keeps this page and every file it loaded for use without a network. The page itself fills the cache, because its first load comes
 * before any service worker could see it.
 * @returns true when the page would now open offline.
 */
export async function keepForOffline(): Promise<boolean> {
  if (!('serviceWorker' in navigator) || !('caches' in globalThis)) return false
  await navigator.serviceWorker.register('/check-sw.js', { scope: '/check' })
  const loaded = performance
    .getEntriesByType('resource')
    .map((entry) => new URL(entry.name))
    .filter(
      (url) => url.origin === location.origin && (url.pathname.startsWith('/assets/') || url.pathname === '/mark.svg'),
    )
    .map((url) => url.pathname)
  const linked = [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>('script[src], link[href]')].map(
    (element) => new URL('src' in element ? element.src : element.href).pathname,
  )
  const wanted = new Set(['/check', ...loaded, ...linked])
  const cache = await caches.open(CACHE)
  await cache.addAll([...wanted])
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request)
  }
  return true
}

/** True where an earlier visit kept the page: it then opens without a network. */
export async function isKeptForOffline(): Promise<boolean> {
  return 'caches' in globalThis && (await (await caches.open(CACHE)).match('/check')) !== undefined
}
