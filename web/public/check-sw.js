// Serves the check page and its files from what the page itself has put into the cache, so that it opens without a network.
// Anything else (a package by link, the chain) goes to the network and is never kept.
const CACHE = 'tanlian-check'

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return
  const isPage = event.request.mode === 'navigate'
  const isFile = url.pathname.startsWith('/assets/') || url.pathname === '/mark.svg'
  if (!isPage && !isFile) return
  // The page: the newest if there is a network. Files carry their content's hash in their name, so the kept one is the right one.
  event.respondWith(
    isPage
      ? fetch(event.request).catch(() => kept('/check'))
      : kept(url.pathname).then((file) => (file.ok ? file : fetch(event.request))),
  )
})

async function kept(path) {
  const cache = await caches.open(CACHE)
  return (await cache.match(path)) ?? Response.error()
}
