// The list of entries with the keyboard, and many chosen at once.

const form = document.getElementById("bulk");
const links = [...document.querySelectorAll("[data-rows] tbody th a")];
const boxes = [...document.querySelectorAll('[data-rows] input[name="code"]')];
const all = document.querySelector("[data-all]");
const everything = form?.querySelector('[name="all"]');
const told = document.querySelector("[data-chosen]");
const keys = document.querySelector(".keys");
let last = null;

function tell() {
  const chosen = boxes.filter((box) => box.checked).length;
  if (all) {
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  if (told) told.textContent = everything?.checked ? "" : chosen ? `已选 ${chosen} 条` : "";
}

all?.addEventListener("change", () => {
  for (const box of boxes) box.checked = all.checked;
  tell();
});
everything?.addEventListener("change", tell);

for (const [at, box] of boxes.entries()) {
  box.addEventListener("click", (event) => {
    if (event.shiftKey && last !== null) {
      for (let each = Math.min(last, at); each <= Math.max(last, at); each++)
        boxes[each].checked = box.checked;
    }
    last = at;
    tell();
  });
}
window.addEventListener("pageshow", tell);

function row() {
  return document.activeElement?.closest?.("[data-rows] tbody tr");
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest('input:not([type="checkbox"]), textarea, select');
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "?" && keys) {
    event.preventDefault();
    keys.open = !keys.open;
    if (keys.open) keys.scrollIntoView({ block: "nearest" });
    return;
  }
  const step = { j: 1, k: -1 }[event.key];
  if (step && links.length) {
    event.preventDefault();
    const at = links.indexOf(row()?.querySelector("th a"));
    const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step));
    links[next].focus();
  }
  if (event.key === "x") {
    const box = row()?.querySelector('input[name="code"]');
    if (box) {
      event.preventDefault();
      box.checked = !box.checked;
      tell();
    }
  }
});
