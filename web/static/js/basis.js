// One tick for all lines.

const form = document.querySelector("[data-pick]");
const all = form?.querySelector("[data-all]");

if (all) {
  all.hidden = false;
  all.addEventListener("change", (event) => {
    for (const one of form.querySelectorAll("[name=entry]")) one.checked = event.target.checked;
  });
}
