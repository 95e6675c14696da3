// Past recipients are offered while someone types; without script the list is typed or pasted as it is.
const form = document.getElementById("share-form");
const field = document.getElementById("recipients");
const offered = document.getElementById("suggestions");
const WORD = /[^\s,;、，；<>]*$/;
let asked = 0;

function typed() {
  return field.value.slice(0, field.selectionEnd).match(WORD)[0];
}

function take(address) {
  const end = field.selectionEnd;
  const before = field.value.slice(0, end).replace(WORD, "");
  const after = field.value.slice(end);
  field.value = `${before}${address}\n${after.trimStart()}`;
  field.selectionEnd = field.selectionStart = before.length + address.length + 1;
  show([]);
  field.focus();
}

function show(addresses) {
  offered.replaceChildren(
    ...addresses.map((address) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-outline-primary";
      button.textContent = address;
      button.addEventListener("click", () => take(address));
      return button;
    }),
  );
  offered.hidden = !addresses.length;
}

field.addEventListener("input", async () => {
  const mine = ++asked;
  const text = typed();
  if (text.length < 2) return show([]);
  const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(text)}`, {
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (mine === asked) show(answer?.ok ? (await answer.json()).addresses : []);
});
