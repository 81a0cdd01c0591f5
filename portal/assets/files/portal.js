// Pages work without this script. It adds the behaviour of govuk-frontend,
// keeps pages that wait for something up to date, and spares people an upload
// that would be refused.
const own = document.querySelector('script[data-frontend]');
document.body.classList.add('js-enabled', 'govuk-frontend-supported');
const frontend = await import(own.dataset.frontend);
frontend.initAll();

// What the button of a file field shows is part of its name word for word
// (WCAG 2.5.3): a blank stands where a hidden comma would.
for (const comma of document.querySelectorAll('.govuk-file-upload-button [id$="-comma"]')) {
  comma.classList.remove('govuk-visually-hidden');
  comma.textContent = '\u00a0';
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const visible = () => document.visibilityState === 'visible'
  ? Promise.resolve()
  : new Promise((done) => document.addEventListener('visibilitychange', done, { once: true }));

// replace shows the fresh part of a page and says what is new in it.
function replace(live, fresh, title) {
  const before = new Set([...live.querySelectorAll('.portal-tick--passed, .portal-tick--failed')].map((e) => e.textContent));
  const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  const open = [...live.querySelectorAll('details')].map((e) => e.open);
  live.replaceChildren(...fresh.childNodes);
  live.querySelectorAll('details').forEach((e, i) => { e.open = open[i] ?? false; });
  live.dataset.version = fresh.dataset.version;
  document.title = title;
  frontend.initAll({ scope: live });
  prepareCopying(live);
  if (focused) live.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  const news = [...live.querySelectorAll('.portal-tick--passed, .portal-tick--failed')].map((e) => e.textContent).filter((t) => !before.has(t));
  document.getElementById('live-news').textContent = news.join('. ');
}

// follow asks for the page again and again; the server answers when something
// is new, or with nothing after a while.
async function follow(live) {
  let failures = 0;
  for (;;) {
    await visible();
    const begun = Date.now();
    try {
      const address = new URL(live.dataset.live, location.href);
      address.searchParams.set('after', live.dataset.version);
      const answer = await fetch(address, { headers: { 'X-Live': '1' }, cache: 'no-store', signal: AbortSignal.timeout(60000) });
      const next = answer.headers.get('X-Go-To');
      if (next) return location.assign(next);
      if (answer.status === 401 || answer.status === 404) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      if (failures > 0) document.getElementById('live-news').textContent = '';
      failures = 0;
      if (answer.status === 200) {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const fresh = page.getElementById('live');
        if (!fresh) return location.reload();
        replace(live, fresh, page.title);
      }
    } catch {
      failures += 1;
      if (failures === 2) document.getElementById('live-news').textContent = live.dataset.lost;
      document.getElementById('live-news').classList.toggle('govuk-visually-hidden', failures < 2);
      await pause(Math.min(30000, 1000 * 2 ** failures));
    }
    // A server that answers at once is not asked more than once a second.
    await pause(Math.max(0, 1000 - (Date.now() - begun)));
  }
}

function prepareCopying(scope) {
  for (const button of scope.querySelectorAll('[data-copy]')) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      document.getElementById('copied').textContent = '';
      document.getElementById('copied').textContent = button.dataset.copied;
      button.textContent = button.dataset.copied;
    });
  }
}

// A file that is too large is not sent: what was typed stays where it is.
for (const form of document.querySelectorAll('form[data-max-file]')) {
  form.addEventListener('submit', (event) => {
    const input = form.querySelector('input[type=file]');
    const file = input?.files?.[0];
    if (!file || file.size <= Number(form.dataset.maxFile)) return;
    event.preventDefault();
    const id = 'file-too-large';
    const message = document.getElementById(id) ?? document.createElement('p');
    message.id = id;
    message.className = 'govuk-error-message';
    message.setAttribute('role', 'alert');
    message.textContent = form.dataset.tooLarge;
    input.closest('.govuk-form-group').classList.add('govuk-form-group--error');
    input.closest('.govuk-form-group').insertBefore(message, input.closest('.govuk-form-group').querySelector('.govuk-file-upload-wrapper, .govuk-drop-zone, input[type=file]'));
    (document.getElementById(input.id) ?? input).focus();
  });
}

// Without a network a form is not sent: the browser would put a page of its own
// in the place of what was typed.
addEventListener('submit', (event) => {
  const message = document.getElementById('offline') ?? document.createElement('p');
  message.remove();
  if (navigator.onLine || event.defaultPrevented) return;
  event.preventDefault();
  message.id = 'offline';
  message.className = 'govuk-error-message';
  message.setAttribute('role', 'alert');
  message.textContent = own.dataset.offline;
  (event.submitter ?? event.target.lastElementChild).before(message);
});

// A form that was sent and comes back with the back button may be of a step that
// is over: the portal knows where the order is by now.
let sent = false;
addEventListener('submit', (event) => { sent ||= !event.defaultPrevented; });
addEventListener('pageshow', (event) => { if (event.persisted && sent) location.reload(); });

prepareCopying(document);
const live = document.getElementById('live');
if (live) follow(live);
