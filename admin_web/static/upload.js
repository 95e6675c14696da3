// Uploads with progress: files and folders chosen or dropped, three at a time. Each can pause, goes on after a broken
// line by itself and after a reload once the same file is chosen again (tus-js-client; /api/v1/uploads).
const tus = window.tus;
const settings = JSON.parse(document.getElementById("upload-settings").textContent);
const words = settings.words;
const form = document.getElementById("upload-form");
const panel = document.getElementById("uploads");
const list = document.getElementById("uploads-list");
const total = document.getElementById("uploads-all");
const summary = document.getElementById("uploads-words");
const pauseAll = document.getElementById("uploads-pause");
const AT_ONCE = 3;
// Up to this size a file goes with the request that announces it.
const AT_ONCE_BYTES = 8 * 1024 * 1024;
// Up to this size the server takes the whole body in before it refuses; for more it is asked first.
const ASK_FROM_BYTES = 32 * 1024 * 1024;
const RETRY_DELAYS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000];
const HEADERS = {
  "X-CSRFToken": settings.token,
  "Accept-Language": document.documentElement.lang,
  Accept: "application/json",
};

const uploads = [];
const waiting = [];
const active = new Set();

const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
const encode = (path) => path.split("/").map(encodeURIComponent).join("/");
const mark = (folder, name, size, modified) => ["azukari", settings.login, folder, name, size, modified].join("|");

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function button(text, label, act) {
  const made = element("button", "quiet", text);
  made.type = "button";
  made.setAttribute("aria-label", `${text}: ${label}`);
  made.addEventListener("click", act);
  return made;
}

class Refused extends Error {
  constructor(status) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

// What a failed request was told: its status (0 for a line that broke), the error's code, and words for people.
function told(error) {
  const status = error.originalResponse?.getStatus() ?? error.causingError?.status ?? 0;
  let said = {};
  try {
    said = JSON.parse(error.originalResponse?.getBody() ?? "{}").error ?? {};
  } catch {
    // an answer of a proxy in between
  }
  const known = { 401: words.signed_out, 423: words.locked, 507: words.full };
  const own = status === 401 ? undefined : said.message;
  return { status, code: said.code, message: own ?? known[status] ?? words.lost };
}

function shouldRetry(error) {
  const { status, code } = told(error);
  if (code === "upload.busy" || code === "upload.offset") return true;
  return status === 0 || (status >= 500 && status !== 507);
}

class Upload {
  constructor(file, path) {
    this.file = file;
    this.path = path;
    this.sent = 0;
    this.state = "waiting";
    this.replace = form.elements.replace.checked;
    const names = path.split("/");
    this.filename = names.pop();
    this.folder = [settings.folder, ...names].join("/");
    this.row = element("li");
    this.bar = element("progress");
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", path);
    this.words = element("span", "muted", words.waiting);
    this.acts = element("span", "acts");
    this.row.append(element("span", "name", path), this.bar, this.words, this.acts);
    list.append(this.row);
    this.offer();
  }

  get fingerprint() {
    return mark(this.folder, this.filename, this.file.size, this.file.lastModified);
  }

  prepare() {
    const metadata = { folder: this.folder, filename: this.filename, overwrite: this.replace ? "1" : "0" };
    if (this.file.lastModified > 0) metadata.modified = String(this.file.lastModified);
    return new tus.Upload(this.file, {
      endpoint: settings.endpoint,
      headers: HEADERS,
      metadata,
      fingerprint: () => Promise.resolve(this.fingerprint),
      uploadDataDuringCreation: settings.whole || this.file.size <= AT_ONCE_BYTES,
      storeFingerprintForResuming: !settings.whole,
      removeFingerprintOnSuccess: true,
      retryDelays: settings.whole ? null : RETRY_DELAYS,
      onShouldRetry: shouldRetry,
      // Without this the library would forget the upload, and send all of it anew.
      onAfterResponse: (request, response) => {
        const status = response.getStatus();
        if (request.getMethod() === "HEAD" && [401, 403, 429, 507].includes(status)) throw new Refused(status);
      },
      onProgress: (sent) => this.progress(sent),
      onSuccess: () => this.finish(),
      onError: (error) => this.fail(told(error)),
    });
  }

  async isWelcome() {
    if (!settings.whole || this.file.size < ASK_FROM_BYTES) return true;
    const address = new URL(`${settings.room}/${encode(this.path)}`, location.href);
    address.searchParams.set("size", String(this.file.size));
    if (this.replace) address.searchParams.set("replace", "1");
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.ok) return true;
      this.fail((await answer.json()).error);
    } catch {
      this.fail({ message: words.lost });
    }
    return false;
  }

  async start() {
    this.state = "sending";
    active.add(this);
    this.row.querySelector(".failed")?.remove();
    this.progress(this.sent);
    this.offer();
    if (!(await this.isWelcome())) return;
    if (!this.tus) {
      this.tus = this.prepare();
      const before = await this.tus.findPreviousUploads();
      if (before.length) this.tus.resumeFromPreviousUpload(before[before.length - 1]);
      document.getElementById(this.fingerprint)?.remove();
    }
    if (this.state === "sending") this.tus.start();
  }

  // The buttons that make sense now.
  offer() {
    this.acts.replaceChildren();
    const add = (text, act) => this.acts.append(button(text, this.path, act));
    if (this.state === "sending" && !settings.whole) add(words.pause, () => this.pause());
    if (this.state === "paused") add(words.resume, () => this.again());
    if (["waiting", "sending", "paused"].includes(this.state)) add(words.stop, () => this.stop());
  }

  enter(state) {
    this.state = state;
    active.delete(this);
    this.offer();
    next();
  }

  progress(sent) {
    if (this.state !== "sending") return;
    this.sent = sent;
    this.bar.value = this.file.size ? sent / this.file.size : 0;
    this.words.textContent = fill(words.sending, { percent: this.percent });
    show();
  }

  get percent() {
    return Math.floor(this.bar.value * 100);
  }

  pause() {
    this.tus?.abort();
    if (this.state === "waiting") waiting.splice(waiting.indexOf(this), 1);
    this.words.textContent = fill(words.paused, { percent: this.percent });
    this.enter("paused");
  }

  again() {
    this.row.querySelector(".failed")?.remove();
    this.state = "waiting";
    this.words.textContent = words.waiting;
    this.offer();
    waiting.push(this);
    next();
  }

  async stop() {
    if (this.state === "waiting") waiting.splice(waiting.indexOf(this), 1);
    this.state = "stopping";
    this.offer();
    await this.tus?.abort(true).catch(() => {}); // what cannot be ended now expires
    this.sent = 0;
    this.bar.value = 0;
    this.words.textContent = words.stopped;
    this.enter("stopped");
  }

  finish() {
    this.sent = this.file.size;
    this.bar.value = 1;
    this.words.textContent = words.done;
    this.enter("done");
  }

  fail({ status, code, message }) {
    this.words.textContent = "";
    const line = element("span", "failed", `${message} `);
    const taken = code === "already.exists";
    line.append(
      button(taken ? words.replace : words.again, this.path, () => {
        if (taken) [this.replace, this.tus] = [true, undefined];
        this.again();
      }),
    );
    this.row.append(line);
    this.isLost = status === 0;
    this.enter("failed");
  }
}

let drawn = false;
function show() {
  if (drawn) return;
  drawn = true;
  requestAnimationFrame(() => {
    drawn = false;
    const counted = uploads.filter((one) => one.state !== "stopped");
    const bytes = counted.reduce((sum, one) => sum + one.file.size + 1, 0);
    const sent = counted.reduce((sum, one) => sum + one.sent + (one.state === "done" ? 1 : 0), 0);
    total.value = bytes ? sent / bytes : 0;
    const count = (...states) => counted.filter((one) => states.includes(one.state)).length;
    summary.textContent = fill(words.all, { done: count("done"), total: counted.length });
    if (count("failed")) summary.textContent += ` · ${fill(words.failed, { failed: count("failed") })}`;
    const moving = count("sending", "waiting");
    pauseAll.hidden = settings.whole || !(moving || count("paused"));
    pauseAll.textContent = moving ? words.pause_all : words.resume_all;
  });
}

pauseAll.addEventListener("click", () => {
  const moving = uploads.filter((one) => ["sending", "waiting"].includes(one.state));
  if (moving.length) for (const one of moving.reverse()) one.pause();
  else for (const one of uploads.filter((one) => one.state === "paused")) one.again();
});

function next() {
  while (active.size < AT_ONCE && waiting.length) waiting.shift().start();
  show();
  if (!active.size && !waiting.length && uploads.length) finished();
}

function finished() {
  if (uploads.some((one) => one.state === "paused")) return;
  if (uploads.every((one) => ["done", "stopped"].includes(one.state))) {
    location.reload();
    return;
  }
  if (document.getElementById("uploads-refresh")) return;
  const refresh = element("a", "", words.refresh);
  refresh.id = "uploads-refresh";
  refresh.href = location.href;
  panel.append(refresh);
}

function add(files) {
  panel.hidden = false;
  for (const [file, path] of files) {
    const one = new Upload(file, path);
    uploads.push(one);
    waiting.push(one);
  }
  next();
}

async function entriesOf(entry, path) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [[file, path + file.name]];
  }
  const reader = entry.createReader();
  const found = [];
  // A reader gives at most a hundred entries at a time.
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const one of some) found.push(...(await entriesOf(one, `${path}${entry.name}/`)));
  }
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => [file, file.name]);
  const found = [];
  for (const entry of entries) found.push(...(await entriesOf(entry, "")));
  return found;
}

// What was sent in part before this page was loaded: how far it came, and the choice to give it up.
async function unfinished() {
  const mine = `tus::azukari|${settings.login}|${settings.folder}`;
  const kept = await tus.defaultOptions.urlStorage.findAllUploads();
  for (const one of kept.filter((one) => one.urlStorageKey.startsWith(mine)).slice(0, 50)) {
    const { folder, filename, modified } = one.metadata;
    if (folder !== settings.folder && !folder.startsWith(`${settings.folder}/`)) continue;
    const answer = await fetch(one.uploadUrl, { method: "HEAD", headers: { ...HEADERS, "Tus-Resumable": "1.0.0" } });
    const forget = () => tus.defaultOptions.urlStorage.removeUpload(one.urlStorageKey);
    const offset = Number(answer.headers.get("Upload-Offset"));
    if (answer.status === 404 || (answer.ok && offset === one.size)) forget();
    if (!answer.ok || offset === one.size) continue;
    const name = [...folder.split("/"), filename].slice(settings.folder.split("/").length).join("/");
    const row = element("li");
    row.id = mark(folder, filename, one.size, modified ?? 0);
    const percent = Math.floor((offset / one.size) * 100);
    const line = element("span", "unfinished", fill(words.unfinished, { name, percent }) + " ");
    line.append(
      button(words.forget, name, () => {
        tus.Upload.terminate(one.uploadUrl, { headers: HEADERS }).catch(() => {});
        forget();
        row.remove();
      }),
    );
    row.append(line);
    list.append(row);
    panel.hidden = false;
  }
}

for (const one of document.querySelectorAll(".tool-body .script-only")) one.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  add([...form.elements.files.files].map((file) => [file, file.name]));
  form.elements.files.value = "";
});

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
let depth = 0;
const hover = (on) => document.body.classList.toggle("dropping", on);
document.addEventListener("dragenter", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  depth += 1;
  hover(true);
});
document.addEventListener("dragover", (event) => {
  if (carriesFiles(event)) event.preventDefault();
});
document.addEventListener("dragleave", () => {
  depth = Math.max(0, depth - 1);
  if (!depth) hover(false);
});
document.addEventListener("drop", async (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  depth = 0;
  hover(false);
  add(await dropped(event.dataTransfer));
});
// Leaving the page would interrupt what is under way.
window.addEventListener("beforeunload", (event) => {
  if (active.size) event.preventDefault();
});
window.addEventListener("online", () => {
  for (const one of uploads.filter((one) => one.state === "failed" && one.isLost)) one.again();
});
unfinished().catch(() => {}); // it is a service, and no reason to trouble anybody
