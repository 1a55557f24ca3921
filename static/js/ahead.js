// The pictures of the case that comes next are fetched while nobody waits for them.
const whenIdle = window.requestIdleCallback ?? ((run) => window.setTimeout(run, 1_500));
const fetched = new Set();

/** `url` answers {images: [addresses], thumbnails: […]}; a failure is nobody's business. */
export function fetchAhead(url) {
  whenIdle(async () => {
    try {
      const response = await window.fetch(url, { headers: { Accept: "application/json" } });
      if (!response.ok) return;
      const { images = [], thumbnails = [] } = await response.json();
      for (const address of [...thumbnails, ...images]) {
        if (fetched.has(address)) continue;
        fetched.add(address);
        // Noted by the server as fetched ahead, not as looked at.
        const options = { headers: { "X-Purpose": "prefetch" }, priority: "low" };
        await (await window.fetch(address, options)).blob();
      }
    } catch {
      // The connection is gone, or the session: the next case loads as any other.
    }
  });
}
