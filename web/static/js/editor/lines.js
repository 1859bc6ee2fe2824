// A text of lines (materials, steps, places) as a list: add, remove, move. Without scripts it
// stays the field that it is, one line each; that field is what is sent.

import { announce } from "./text.js";

export function wireLines(field) {
  // What is over the most is not thrown away: the field stays as it is, to be mended by hand.
  if (field.value.split("\n").filter((row) => row.trim()).length > Number(field.dataset.most)) return;
  const name = field.id;
  const most = Number(field.dataset.most);
  const kind = field.dataset.lines;
  const title = field.labels[0];
  const label = title.firstChild.textContent.trim();
  const root = document.createElement("div");
  const list = document.createElement("ol");
  const add = button(`添加${kind}`, "button quiet", () => insert(list.children.length, "", true));
  root.className = "lines";
  root.append(list, add);
  field.after(root);
  field.hidden = true;
  field.id = `${name}-text`;
  title.id = `${name}-label`;
  title.removeAttribute("for");
  root.id = name; // the summary of problems leads here
  root.tabIndex = -1;
  root.setAttribute("role", "group");
  root.setAttribute("aria-labelledby", title.id);

  function button(text, className, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function insert(at, text, focus) {
    if (list.children.length >= most) return announce(`${label}最多 ${most} 行。`);
    const item = document.createElement("li");
    const input = document.createElement("input");
    input.value = text;
    input.maxLength = Number(field.dataset.length);
    const described = field.getAttribute("aria-describedby");
    if (described) input.setAttribute("aria-describedby", described);
    if (field.getAttribute("aria-invalid")) input.setAttribute("aria-invalid", "true");
    const move = (by) => () => shift(item, by);
    item.append(
      input,
      button("上移", "plain move-up", move(-1)),
      button("下移", "plain move-down", move(1)),
      button("删除", "plain remove", () => drop(item)),
    );
    list.insertBefore(item, list.children[at] ?? null);
    changed();
    if (focus) input.focus();
  }

  function drop(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    changed();
    announce(`${label}删去了一行，还有 ${list.children.length} 行。`);
    (next?.querySelector("input") ?? add).focus();
  }

  function shift(item, by) {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    const focused = document.activeElement;
    if (by < 0) other.before(item);
    else other.after(item);
    changed();
    (focused.disabled ? item.querySelector("input") : focused).focus();
    announce(`移到第 ${[...list.children].indexOf(item) + 1} 行。`);
  }

  function changed() {
    const items = [...list.children];
    items.forEach((item, index) => {
      const [up, down, gone] = item.querySelectorAll("button");
      const where = `${label}第 ${index + 1} 行`;
      item.querySelector("input").setAttribute("aria-label", where);
      up.setAttribute("aria-label", `上移：${where}`);
      down.setAttribute("aria-label", `下移：${where}`);
      gone.setAttribute("aria-label", `删除：${where}`);
      up.disabled = index === 0;
      down.disabled = index === items.length - 1;
    });
    add.hidden = items.length >= most;
    const text = items.map((item) => item.querySelector("input").value).join("\n");
    if (text === field.value) return;
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function fill() {
    const rows = field.value.split("\n").filter((row) => row.trim());
    list.replaceChildren();
    rows.slice(0, most).forEach((row, index) => insert(index, row, false));
  }

  list.addEventListener("input", changed);
  list.addEventListener("keydown", (event) => {
    const item = event.target.closest("li");
    const at = [...list.children].indexOf(item);
    const input = item.querySelector("input");
    if (event.altKey && /^Arrow(Up|Down)$/.test(event.key)) {
      event.preventDefault();
      shift(item, event.key === "ArrowUp" ? -1 : 1);
    } else if (event.target !== input || event.isComposing) {
      return;
    } else if (event.key === "Enter") {
      event.preventDefault(); // it would send the form
      insert(at + 1, "", true);
    } else if (event.key === "Backspace" && !input.value) {
      event.preventDefault();
      drop(item);
    } else if (!event.altKey && /^Arrow(Up|Down)$/.test(event.key)) {
      event.preventDefault();
      list.children[at + (event.key === "ArrowUp" ? -1 : 1)]?.querySelector("input").focus();
    }
  });
  list.addEventListener("paste", (event) => {
    const rows = (event.clipboardData?.getData("text/plain") ?? "").split(/\r?\n/).map((row) => row.trim());
    const filled = rows.filter(Boolean);
    if (filled.length < 2) return;
    event.preventDefault();
    const input = event.target;
    input.setRangeText(filled[0], input.selectionStart, input.selectionEnd, "end");
    changed();
    const at = [...list.children].indexOf(input.closest("li"));
    filled.slice(1).forEach((row, index) => insert(at + 1 + index, row, true));
  });
  field.addEventListener("refill", fill);
  const before = field.value;
  fill();
  field.value = list.children.length ? field.value : before;
}
