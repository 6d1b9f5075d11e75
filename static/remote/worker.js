// @ts-check
/**
 * The service worker of /remote: it keeps this build of the page for times without a network, and wakes the person when
 * a push comes. A push carries an id and no words, so the notification has none of a site's; what is asked is fetched
 * and checked by the page.
 */
(() => {
  const here = /** @type {any} */ (self);
  const BUILD = "{{build}}";
  const PAGE = "/remote";
  const CACHES = "oneid-remote-";
  const CACHE = CACHES + BUILD;
  const WANTED = /^(?:(?:remote|shared|vendor)\/.*\.(?:js|css|png|webmanifest)|icon\.svg)$/;
  const LIVES_MS = 120_000;
  const UNWANTED = "remote/worker.js";

  /** @type {Record<string, {asked: string, news: string}>} */
  const WORDS = {
    en: { asked: "Something is waiting for your answer.", news: "There is news about your devices." },
    de: { asked: "Etwas wartet auf Ihre Antwort.", news: "Es gibt Neues zu Ihren Geräten." },
  };

  /** Every file of this build that the page needs, each held against its published hash. */
  async function keep() {
    const { build, files } = await (await fetch("/static/integrity.json", { cache: "no-store" })).json();
    if (build !== BUILD) throw new Error("another build is being served by now");
    const paths = Object.keys(files).filter((path) => WANTED.test(path) && path !== UNWANTED);
    const requests = paths.map((path) => new Request(`/static/${BUILD}/${path}`, { integrity: files[path] }));
    const cache = await caches.open(CACHE);
    await cache.addAll([...requests, new Request(PAGE, { cache: "no-cache" })]);
  }

  async function removeOthers() {
    for (const name of await caches.keys()) {
      if (name.startsWith(CACHES) && name !== CACHE) await caches.delete(name);
    }
  }

  /**
   * The page as the service has it now; as it was kept where the service can not be reached.
   * @param {Request} request
   */
  async function page(request) {
    const kept = caches.match(PAGE);
    try {
      const response = await fetch(request);
      return response.status < 500 ? response : (await kept) ?? response;
    } catch (error) {
      const page = await kept;
      if (!page) throw error;
      return page;
    }
  }

  /** @param {any} event @returns {string} the id that it carries, "" for news of the account */
  function idOf(event) {
    try {
      return String(event.data?.json()?.id ?? "");
    } catch {
      return "";
    }
  }

  /** @param {string} id */
  async function notify(id) {
    const language = here.navigator.language?.toLowerCase().startsWith("de") ? "de" : "en";
    const { asked, news } = WORDS[language];
    const tag = id ? "asked" : "news";
    // One at a time: a storm of questions is one notification, which wakes once; and anew when those are over.
    const [shown] = (await here.registration.getNotifications?.({ tag })) ?? [];
    const fresh = !(Date.now() - shown?.data?.at < LIVES_MS);
    const data = { at: fresh ? Date.now() : shown.data.at };
    await here.registration.showNotification("OneID", {
      body: id ? asked : news, tag, data, renotify: fresh, lang: language, requireInteraction: id !== "",
      icon: `/static/${BUILD}/remote/icon-192.png`, badge: `/static/${BUILD}/remote/icon-192.png`,
    });
  }

  async function openPage() {
    const windows = await here.clients.matchAll({ type: "window", includeUncontrolled: true });
    const open = windows.find((/** @type {any} */ client) => new URL(client.url).pathname === PAGE);
    await (open ? open.focus() : here.clients.openWindow(PAGE));
  }

  here.addEventListener("install", (/** @type {any} */ event) => {
    event.waitUntil(keep());
    here.skipWaiting();
  });
  here.addEventListener("activate", (/** @type {any} */ event) => {
    event.waitUntil(removeOthers().then(() => here.clients.claim()));
  });
  here.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== here.location.origin || request.method !== "GET") return;
    if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(request));
    else if (pathname.startsWith(`/static/${BUILD}/`)) {
      event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
    }
  });
  here.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(notify(idOf(event))));
  here.addEventListener("notificationclick", (/** @type {any} */ event) => {
    event.notification.close();
    event.waitUntil(openPage());
  });
})();
