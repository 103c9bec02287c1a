// The service worker: shows what the server pushes while no window of the page is in front, and opens the page from there. It keeps
// nothing and answers no request.

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

/// One notification per channel: the next one replaces it.
async function show({ title, channel_id: channel }) {
    const windows = await self.clients.matchAll({ type: 'window' });
    if (windows.some((client) => client.focused)) return;
    await self.registration.showNotification(title ?? 'Cariosan', { tag: channel, icon: '/icon.svg', renotify: Boolean(channel) });
}

async function open() {
    const [client] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    if (client) await client.focus();
    else await self.clients.openWindow('/');
}

self.addEventListener('push', (event) => event.waitUntil(show(event.data?.json() ?? {})));
self.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(open());
});
