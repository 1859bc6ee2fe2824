// The list of gaps with the keyboard: j and k move, Enter opens (it is a link).

const links = [...document.querySelectorAll("[data-rows] tbody th a")];

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey)
    return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step || !links.length) return;
  event.preventDefault();
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step));
  links[next].focus();
});

// Nobody can add phrasings to an entry of another department: the button says so.
const form = document.getElementById("questions");
const add = form?.querySelector('[value="add"]');

function follow() {
  const chosen = form.querySelector('[name="entry"]:checked');
  add.disabled = !chosen || chosen.hasAttribute("data-other");
}

if (add) {
  form.addEventListener("change", follow);
  follow();
}
