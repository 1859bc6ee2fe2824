// Type-ahead: a text box with a list that the arrow keys walk. A slow answer never replaces a newer one.

import { suggest } from "./api.js";

const WAIT_MS = 120;

export function suggestFor(input, list, onChoose) {
  let newest = 0;
  let timer = null;
  let active = -1;

  const items = () => [...list.children];

  function close() {
    newest += 1;
    clearTimeout(timer);
    list.hidden = true;
    active = -1;
    input.removeAttribute("aria-activedescendant");
  }

  function mark(index) {
    const all = items();
    active = (index + all.length + 1) % (all.length + 1); // one more place: nothing chosen
    all.forEach((item, at) => item.setAttribute("aria-selected", String(at === active)));
    if (active < all.length) {
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function show(found) {
    list.replaceChildren(
      ...found.map(({ question }, index) => {
        const item = document.createElement("li");
        item.id = `suggestion-${index}`;
        item.role = "option";
        item.setAttribute("aria-selected", "false");
        item.textContent = question;
        item.addEventListener("mousedown", (event) => event.preventDefault());
        item.addEventListener("click", () => choose(question));
        return item;
      }),
    );
    list.hidden = found.length === 0;
    active = found.length;
    input.removeAttribute("aria-activedescendant");
  }

  function choose(question) {
    close();
    onChoose(question);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    const text = input.value.trim();
    const mine = ++newest;
    if (text.length < 2 || text.length > 60) return close();
    timer = setTimeout(async () => {
      const found = await suggest(text).catch(() => []);
      if (mine === newest && document.activeElement === input) show(found);
    }, WAIT_MS);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const all = items();
    if (event.key === "ArrowDown") mark(active >= all.length ? 0 : active + 1);
    else if (event.key === "ArrowUp") mark(active >= all.length ? all.length - 1 : active - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && active < all.length) choose(all[active].textContent);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  return close;
}
