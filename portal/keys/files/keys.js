// Makes requests and signatures in the page. Fields of keys and passwords have no
// name: the browser cannot send them. What was made goes into a field that has one.
const options = JSON.parse(document.getElementById('keys').textContent);
const opened = performance.now();

// now is the time of the portal: that of the computer may be anything.
const now = () => options.now + (performance.now() - opened);

// run does one operation in a worker of its own.
function run(operation, input) {
  return new Promise((done) => {
    let worker;
    const end = (answer) => { worker?.terminate(); done(answer); };
    try {
      worker = new Worker(options.worker);
    } catch {
      end({ problem: 'browser' });
      return;
    }
    worker.onmessage = (event) => end(event.data);
    worker.onerror = () => end({ problem: 'browser' });
    worker.postMessage({ runtime: options.runtime, module: options.module, operation, input: { now: now(), startAfterDays: options.startAfterDays, ...input } });
  });
}

const element = (id) => document.getElementById(id);
// fileField is the input of a file field: where the field is enhanced, its id is that of the button.
const fileField = (id) => element(`${id}-input`) ?? element(id);
const largest = 131072;

async function octets(id) {
  const file = fileField(id).files?.[0];
  if (!file) throw new Refused(`missing-${id}`, id);
  if (file.size > largest) throw new Refused('too-large', id);
  return new Uint8Array(await file.arrayBuffer());
}

class Refused extends Error {
  constructor(problem, field) { super(problem); this.problem = problem; this.field = field; }
}

// blamed is the field that a problem is about.
const blamed = {
  certificate: 'certificate', container: 'container', password: 'password', 'password-text': 'password', 'password-short': 'password',
  position: 'position', mismatch: 'certificate', 'too-large': 'certificate',
};

function clear() {
  const box = element('keys-problem');
  box.textContent = '';
  box.hidden = true;
}

function tell(problem, field) {
  const box = element('keys-problem');
  box.textContent = options.texts[problem] ?? options.texts.failed;
  box.hidden = false;
  (element(field ?? blamed[problem]) ?? box).focus();
}

// attempt runs what a button does, once at a time, and says what went wrong.
function attempt(button, work) {
  button.addEventListener('click', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') return;
    clear();
    button.setAttribute('aria-disabled', 'true');
    element('keys-news').textContent = options.texts.working;
    try {
      await work();
      element('keys-news').textContent = '';
    } catch (error) {
      element('keys-news').textContent = '';
      tell(error.problem ?? 'failed', error.field);
    } finally {
      button.removeAttribute('aria-disabled');
    }
  });
}

async function asked(operation, input) {
  const answer = await run(operation, input);
  if (answer.problem) throw new Refused(answer.problem);
  return answer;
}

// hand puts octets into the file field of the form that is sent.
function hand(name, content) {
  const carrier = new DataTransfer();
  carrier.items.add(new File([content], name, { type: 'application/octet-stream' }));
  fileField('file').files = carrier.files;
}

function makeRequest() {
  fileField('certificate').addEventListener('change', async () => {
    clear();
    element('keys-person').hidden = true;
    try {
      const person = await asked('describe', { certificate: await octets('certificate') });
      if (person.idCard) throw new Refused('id-card', 'certificate');
      for (const cell of document.querySelectorAll('[data-person]')) {
        cell.textContent = cell.dataset.person.split(' ').map((part) => person[part]).filter(Boolean).join(' ');
        cell.closest('.govuk-summary-list__row').hidden = cell.textContent === '';
      }
      if (element('position').value === '') element('position').value = person.position;
      element('keys-person').hidden = false;
    } catch (error) {
      tell(error.problem ?? 'failed', error.field);
    }
  });
  // What the portal would send back loses the request that was made here.
  element('send').addEventListener('submit', (event) => {
    clear();
    const digits = element('phone').value.replace(/\D/g, '');
    let wrong;
    if (!/^\S+@\S+$/.test(element('email').value.trim())) wrong = 'email';
    else if (!/(25|29|33|44)\d{7}$/.test(digits)) wrong = 'phone';
    if (!wrong) return;
    event.preventDefault();
    tell(wrong, wrong);
  });
  attempt(element('make'), async () => {
    const certificate = await octets('certificate');
    const password = element('password').value;
    if (password !== element('password-again').value) throw new Refused('password-differs', 'password-again');
    const years = document.querySelector('input[name="term"]:checked')?.value;
    if (!years) throw new Refused('term', 'term');
    const made = await asked('request', { certificate, password, years: Number(years), position: element('position').value.trim() });
    element('password').value = '';
    element('password-again').value = '';
    hand('request.req', made.request);
    const download = element('download');
    download.href = URL.createObjectURL(new Blob([made.container], { type: 'application/octet-stream' }));
    download.addEventListener('click', () => {
      element('send').hidden = false;
      // The browser may ask where to save: the focus moves on when nothing else has it.
      setTimeout(() => { if ([document.body, download].includes(document.activeElement)) element('email').focus(); }, 1000);
    }, { once: true });
    element('prepare').hidden = true;
    element('made').hidden = false;
    element('made').focus();
  });
}

function signDocument() {
  attempt(element('sign'), async () => {
    const container = await octets('container');
    const certificate = await octets('certificate');
    const password = element('password').value;
    if (!password) throw new Refused('password', 'password');
    const answer = await fetch(options.document, { cache: 'no-store' }).catch(() => null);
    if (!answer?.ok) throw new Refused('network');
    const document_ = new Uint8Array(await answer.arrayBuffer());
    // What is signed is what is shown, to the last octet.
    if (new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(document_) !== element('document').textContent) throw new Refused('shown-differs');
    const made = await asked('sign', { document: document_, container, certificate, password });
    element('password').value = '';
    hand('perechen.p7s', made.signature);
    fileField('file').form.requestSubmit();
  });
}

if (typeof Worker === 'undefined' || typeof WebAssembly === 'undefined' || typeof DataTransfer === 'undefined') {
  tell('browser');
} else {
  document.querySelectorAll('[data-keys-part]').forEach((part) => { part.hidden = false; });
  if (options.task === 'sign') signDocument(); else makeRequest();
}
