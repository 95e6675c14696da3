// Uploads with progress: files and folders chosen or dropped, three at a time, each whole or not at all.
const settings = JSON.parse(document.getElementById("upload-settings").textContent);
const words = settings.words;
const form = document.getElementById("upload-form");
const panel = document.getElementById("uploads");
const list = document.getElementById("uploads-list");
const total = document.getElementById("uploads-all");
const summary = document.getElementById("uploads-words");
const AT_ONCE = 3;
// Up to this size the server takes the whole body in before it refuses; for more it is asked first.
const ASK_FROM_BYTES = 32 * 1024 * 1024;

const waiting = [];
const uploads = [];
let running = 0;

const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
const encode = (path) => path.split("/").map(encodeURIComponent).join("/");

class Upload {
  constructor(file, path) {
    this.file = file;
    this.path = path;
    this.sent = 0;
    this.state = "waiting";
    this.row = document.createElement("li");
    this.name = document.createElement("span");
    this.name.className = "name";
    this.name.textContent = path;
    this.bar = document.createElement("progress");
    this.bar.max = 1;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", path);
    this.words = document.createElement("span");
    this.words.className = "muted";
    this.words.textContent = words.waiting;
    this.row.append(this.name, this.bar, this.words);
    list.append(this.row);
  }

  address(base, replace) {
    const address = new URL(`${base.replace(/\/$/, "")}/${encode(this.path)}`, location.href);
    if (replace || form.elements.replace.checked) address.searchParams.set("replace", "1");
    return address;
  }

  async isWelcome(replace) {
    if (this.file.size < ASK_FROM_BYTES) return true;
    const address = this.address(settings.room, replace);
    address.searchParams.set("size", String(this.file.size));
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.ok) return true;
      const { error } = await answer.json();
      this.fail(error.message, error.code);
    } catch {
      this.fail(words.lost);
    }
    return false;
  }

  async start(replace = false) {
    this.state = "sending";
    this.row.querySelector(".failed")?.remove();
    if (!(await this.isWelcome(replace))) return undefined;
    const request = new XMLHttpRequest();
    const address = this.address(settings.url, replace);
    if (this.file.lastModified > 0) address.searchParams.set("modified", String(this.file.lastModified));
    request.open("PUT", address);
    request.setRequestHeader("X-CSRFToken", settings.token);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => this.progress(event.loaded, event.total));
    return new Promise((resolve) => {
      request.addEventListener("load", () => {
        if (request.status === 201) this.finish();
        else this.fail(request.response?.error?.message ?? words.lost, request.response?.error?.code);
        resolve();
      });
      for (const kind of ["error", "abort", "timeout"]) {
        request.addEventListener(kind, () => {
          this.fail(words.lost);
          resolve();
        });
      }
      request.send(this.file);
    });
  }

  progress(sent, size) {
    this.sent = sent;
    this.bar.value = size ? sent / size : 0;
    this.words.textContent = fill(words.sending, { percent: Math.floor(this.bar.value * 100) });
    show();
  }

  finish() {
    this.state = "done";
    this.sent = this.file.size;
    this.bar.value = 1;
    this.words.textContent = words.done;
  }

  fail(message, code) {
    this.state = "failed";
    this.sent = 0;
    this.bar.value = 0;
    this.words.textContent = "";
    const line = document.createElement("span");
    line.className = "failed";
    line.textContent = message + " ";
    const again = document.createElement("button");
    again.type = "button";
    again.className = "quiet";
    const taken = code === "already.exists";
    again.textContent = taken ? words.replace : words.again;
    again.addEventListener("click", () => {
      line.remove();
      this.replace = taken;
      this.state = "waiting";
      waiting.push(this);
      next();
    });
    line.append(again);
    this.row.append(line);
  }
}

function show() {
  const bytes = uploads.reduce((sum, one) => sum + one.file.size + 1, 0);
  const sent = uploads.reduce((sum, one) => sum + one.sent + (one.state === "done" ? 1 : 0), 0);
  total.value = bytes ? sent / bytes : 0;
  const done = uploads.filter((one) => one.state === "done").length;
  const failed = uploads.filter((one) => one.state === "failed").length;
  summary.textContent = fill(words.all, { done, total: uploads.length });
  if (failed) summary.textContent += ` · ${fill(words.failed, { failed })}`;
}

function next() {
  while (running < AT_ONCE && waiting.length) {
    const one = waiting.shift();
    running += 1;
    one.start(one.replace).then(() => {
      running -= 1;
      show();
      next();
      if (!running && !waiting.length) finished();
    });
  }
  show();
}

function finished() {
  if (uploads.every((one) => one.state === "done")) {
    location.reload();
    return;
  }
  if (document.getElementById("uploads-refresh")) return;
  const refresh = document.createElement("a");
  refresh.id = "uploads-refresh";
  refresh.href = location.href;
  refresh.textContent = words.refresh;
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

for (const one of document.querySelectorAll(".tool-body .script-only")) one.hidden = false;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  add([...form.elements.files.files].map((file) => [file, file.name]));
  form.elements.files.value = "";
});

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
let depth = 0;
const mark = (on) => document.body.classList.toggle("dropping", on);
document.addEventListener("dragenter", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  depth += 1;
  mark(true);
});
document.addEventListener("dragover", (event) => {
  if (carriesFiles(event)) event.preventDefault();
});
document.addEventListener("dragleave", () => {
  depth = Math.max(0, depth - 1);
  if (!depth) mark(false);
});
document.addEventListener("drop", async (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  depth = 0;
  mark(false);
  add(await dropped(event.dataTransfer));
});
// Leaving the page would cut what is under way.
window.addEventListener("beforeunload", (event) => {
  if (running) event.preventDefault();
});
