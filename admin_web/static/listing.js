// Select all, and how many are selected. Without script the check boxes and buttons work as they are.
const all = document.getElementById("pick-all");
const picks = [...document.querySelectorAll('input[name="pick"]')];
const count = document.getElementById("picked-count");
const bar = document.getElementById("selection-bar");

function show() {
  const chosen = picks.filter((one) => one.checked).length;
  all.checked = chosen === picks.length;
  all.indeterminate = chosen > 0 && chosen < picks.length;
  count.textContent = chosen ? ` (${chosen})` : "";
  bar.hidden = !chosen;
}

if (all) {
  all.hidden = false;
  bar.classList.add("floating");
  all.addEventListener("change", () => {
    for (const one of picks) one.checked = all.checked;
    show();
  });
  // Shift selects everything between two clicks.
  let last = null;
  for (const one of picks) {
    one.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [picks.indexOf(last), picks.indexOf(one)].sort((a, b) => a - b);
        for (const between of picks.slice(from, to + 1)) between.checked = one.checked;
      }
      last = one;
      show();
    });
    one.addEventListener("change", show);
  }
  show(); // the browser may have kept what was selected before a reload
}
