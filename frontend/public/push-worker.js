/* Shows what the server sends by Web Push, also while no page is open. */

self.addEventListener('push', (event) => {
  const { title, body, tag, url, severity, language } = event.data.json();
  event.waitUntil(
    self.registration.showNotification(title, {
      body,
      tag,
      lang: language,
      icon: '/favicon.svg',
      // A later message about the same alert is heard again.
      renotify: true,
      requireInteraction: severity === 'critical',
      data: { url },
    }),
  );
});

/** The page that a message names, when it is one of this installation. */
function pageOf(url) {
  const page = new URL(url ?? '/alerts', self.location.origin);
  return page.origin === self.location.origin ? page.href : new URL('/alerts', self.location.origin).href;
}

async function open(url) {
  const page = pageOf(url);
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const shown = windows.find((one) => one.url === page);
  return shown ? shown.focus() : self.clients.openWindow(page);
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url));
});
