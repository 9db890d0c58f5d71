/* A place that is no longer on this page, whether one arrives, follows a link or types it: redirects.js, which is
   loaded only then, knows where it went. A script and not JSON, because a page that was opened as a file may load no other. */

(() => {
  const root = new URL(document.documentElement.dataset.content_root ?? "./", location.href);
  let rules = null; // promise of old address -> new address

  function load() {
    return new Promise((done) => {
      const script = document.createElement("script");
      script.src = new URL("_static/redirects.js", root);
      script.onload = () => done(window.bookRedirects);
      script.onerror = () => done({});
      document.head.append(script);
    });
  }

  function anchor() {
    try {
      return decodeURIComponent(location.hash.slice(1));
    } catch {
      return "";
    }
  }

  async function follow() {
    const lost = anchor();
    if (!lost || document.getElementById(lost)) return;
    rules ??= load();
    const target = (await rules)[`${page()}#${lost}`];
    if (target && lost === anchor()) location.replace(new URL(target, root));
  }

  /* As rules name it: without the suffix; a folder is its index. */
  function page() {
    const path = location.href.split(/[?#]/)[0].slice(root.href.length);
    return path.replace(/(^|\/)$/, "$1index").replace(/\.html$/, "");
  }

  addEventListener("hashchange", follow);
  follow();
})();
